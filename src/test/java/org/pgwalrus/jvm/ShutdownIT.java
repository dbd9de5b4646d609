package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.Wait;

/** Smart, fast and immediate, while the worker waits and while Java works. */
class ShutdownIT {

  private static final String LEFT = "pg_walrus worker shutting down";
  private static final String DOWN = "database system is shut down";

  @ParameterizedTest
  @ValueSource(strings = {"smart", "fast"})
  void theWorkerLeavesAtOnce(String mode) {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      assertThat(stop(faults, mode, LEFT)).isLessThan(FaultCluster.AT_ONCE);

      faults.start().commit("busy").awaitLog("fault: busy");
      assertThat(stop(faults, mode, LEFT)).isLessThan(FaultCluster.AT_ONCE);
      assertThat(faults.outcome()).isEqualTo("interrupted");
      assertThat(faults.cluster().crashRestarts()).isZero();
    }
  }

  @Test
  void immediateShutdownWaitsForNobody() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      assertThat(stop(faults, "immediate", DOWN)).isLessThan(FaultCluster.AT_ONCE);

      faults.start().commit("deaf 20000").awaitLog("fault: deaf");
      assertThat(stop(faults, "immediate", DOWN)).isLessThan(FaultCluster.AT_ONCE);
      assertThat(faults.cluster().log()).doesNotContain("issuing SIGKILL");
    }
  }

  @Test
  void theDeathOfThePostmasterEndsTheWorker() throws IOException {
    try (FaultCluster faults = FaultCluster.installed().startReady()) {
      long worker = faults.cluster().workerPid();
      long postmaster = ProcessHandle.of(worker).flatMap(ProcessHandle::parent).orElseThrow().pid();
      Processes.signal(postmaster, "KILL");
      Files.delete(faults.cluster().data().resolve("postmaster.pid"));

      Wait.until("the worker lives", FaultCluster.AT_ONCE, () -> !Memory.hasJvm(worker));
    }
  }

  private static Duration stop(FaultCluster faults, String mode, String end) {
    faults.closeWitness();
    faults.cluster().stop(mode);
    return faults.logged("received " + mode + " shutdown request", end);
  }
}
