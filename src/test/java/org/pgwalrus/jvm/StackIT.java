package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's limit of the stack lies above the guard zone of the JVM. */
@Tag("long")
class StackIT {

  private static final String LIMIT = "SQLSTATE 54001: stack depth limit exceeded";

  /** The default, and the most that a stack of 8 MB allows. */
  @ParameterizedTest
  @ValueSource(strings = {"2048kB", "7680kB"})
  void recursionToTheLimitIsAnErrorInCAndInJava(String limit) {
    try (FaultCluster faults = FaultCluster.faulty().set("max_stack_depth", limit).startReady()) {
      long pid = faults.cluster().workerPid();

      assertThat(faults.outcomeOf("query SELECT public.fault_recurse()")).isEqualTo(LIMIT);
      assertThat(faults.outcomeOf("caught-stack")).isEqualTo("StackOverflowError");
      assertThat(faults.outcomeOf("query SELECT public.fault_recurse()")).isEqualTo(LIMIT);
      assertThat(faults.outcomeOf("query SELECT public.fault_nest(3000)")).isIn("value 1", LIMIT);
      faults.awaitGoodCycle();
      assertThat(faults.cluster().workerPid()).isEqualTo(pid);
      faults.assertUntouched();
    }
  }

  @Test
  void theUsersOptionsDoNotMoveTheGuardZone() {
    try (FaultCluster faults =
        FaultCluster.faulty().set("walrus.jvm_options", "-Xss256k").startReady()) {
      assertThat(faults.outcomeOf("query SELECT public.fault_recurse()")).isEqualTo(LIMIT);
      faults.assertUntouched();
    }
  }

  @Test
  void aHigherLimitRestartsTheWorker() {
    try (FaultCluster faults = FaultCluster.installed().startReady()) {
      faults.set("max_stack_depth", "3MB").cluster().reload();

      faults.awaitLog("max_stack_depth was raised from 2048kB to 3072kB, restarting the worker");
      faults.assertWorkerLeft();
    }
  }

  @Test
  void aLowerLimitDoesNot() {
    try (FaultCluster faults = FaultCluster.installed().startReady()) {
      long pid = faults.cluster().workerPid();
      faults.set("max_stack_depth", "1MB").cluster().reload();

      faults.awaitGoodCycle();
      assertThat(faults.cluster().workerPid()).isEqualTo(pid);
    }
  }
}
