package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** A JVM that crashes the server is given up after three times. */
class BrakeIT {

  private static final String BRAKED =
      "pg_walrus: not starting a JVM after 3 crash restarts of the server";

  @Test
  void aJvmThatCrashesAtItsStartIsStartedThreeTimes() {
    try (FaultCluster faults = FaultCluster.faultyAtStart("crash")) {
      faults.startCrashing();

      assertBraked(faults);
    }
  }

  @Test
  void aCrashReportLandsInTheLogDirectory() {
    try (FaultCluster faults = FaultCluster.faultyAtStart("crash")) {
      Path reports = FaultFiles.temporaryDirectory();
      faults.set("log_directory", reports.toString()).startCrashing();

      faults.awaitLog(BRAKED);
      assertThat(reports).isDirectoryContaining("regex:.*/pg_walrus_jvm_\\d+\\.log");
    }
  }

  @Test
  void oneCrashIsForgiven() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      faults.commit("query SELECT public.fault_abort()");

      long pid = faults.awaitCrashRestart(1);
      faults.cluster().awaitBaseline();
      assertThat(Memory.hasJvm(pid)).isTrue();
    }
  }

  @Test
  void aWorkerThatIsKilledThreeTimesGoesOnWithoutAJvmUntilTheServerIsRestarted() {
    try (FaultCluster faults = FaultCluster.installed().startReady()) {
      TestCluster cluster = faults.cluster();
      for (int i = 1; i <= 3; i++) {
        Processes.signal(cluster.workerPid(), "KILL");
        faults.awaitCrashRestart(i);
      }
      assertBraked(faults);

      cluster.reload();
      assertThat(cluster.logCount(BRAKED)).isEqualTo(1);

      cluster.restart();
      cluster.awaitBaseline();
      assertThat(Memory.hasJvm(cluster.workerPid())).isTrue();
    }
  }

  private static void assertBraked(FaultCluster faults) {
    TestCluster cluster = faults.cluster();
    faults.awaitLog(BRAKED);
    faults.openWitness();
    Wait.sleep(FaultCluster.AT_ONCE);

    assertThat(cluster.crashRestarts()).isEqualTo(3);
    assertThat(cluster.logCount("LOG:  " + BRAKED)).isEqualTo(1);
    assertThat(cluster.workerPid()).isNotZero();
    assertThat(Memory.hasJvm(cluster.workerPid())).isFalse();
    cluster.execute("CREATE EXTENSION IF NOT EXISTS pg_walrus");
    assertThat(cluster.state("engine")).isEqualTo("failed: too many crash restarts of the server");
  }
}
