package org.pgwalrus.jvm;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java that ends the process ends the worker in good order, and nothing else. */
class ExitIT {

  @ParameterizedTest
  @ValueSource(strings = {"exit 0", "exit 1", "exit 3", "halt 3"})
  void theExitHookTurnsItIntoCodeOne(String fault) {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      faults.commit(fault);

      faults.awaitLog("FATAL:  pg_walrus: the JVM ended with exit code " + fault.split(" ", 2)[1]);
      faults.assertWorkerLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit 3"})
  void evenWhileTheEngineStarts(String fault) {
    try (FaultCluster faults = FaultCluster.faultyAtStart(fault.replace(' ', '-')).start()) {
      faults.awaitLog("FATAL:  pg_walrus: the JVM ended with exit code 3");
      faults.assertWorkerLeft();
    }
  }
}
