package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.SignalMasks;

/** The server's signal handlers stay the server's, and run on its own thread. */
class ThreadsIT {

  private static final int SIGFPE = 8;
  private static final int SIGUSR2 = 12;
  private static final int SIGPIPE = 13;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void onlyTheMainThreadTakesTheServersSignals(boolean withCache) {
    try (FaultCluster faults = withCache ? FaultCluster.installed() : FaultCluster.faulty()) {
      faults.startReady();
      SignalMasks.assertOnlyMainTakesSignals(faults.cluster().workerPid());
    }
  }

  @Test
  void theServersHandlersStayInPlace() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      for (int signal : SignalMasks.OF_THE_SERVER) {
        assertThat(handler(faults, signal)).startsWith("value p").doesNotContain("libjvm");
      }
      assertThat(handler(faults, SIGPIPE)).isEqualTo("value ignored");
      assertThat(handler(faults, SIGUSR2)).isEqualTo("value ignored");
      assertThat(handler(faults, SIGFPE)).isEqualTo("value libjvm.so");
    }
  }

  @Test
  void noProcessButTheWorkerHasAJvm() {
    try (FaultCluster faults = FaultCluster.installed().startReady()) {
      long worker = faults.cluster().workerPid();
      ProcessHandle postmaster = ProcessHandle.of(worker).orElseThrow().parent().orElseThrow();

      assertThat(Memory.hasJvm(worker)).isTrue();
      assertThat(Memory.hasJvm(postmaster.pid())).isFalse();
      assertThat(postmaster.children().filter(child -> Memory.hasJvm(child.pid()))).hasSize(1);
    }
  }

  @Test
  void aWorkerThatIsSwitchedOffHasNoJvmUntilItIsSwitchedOn() {
    try (FaultCluster faults = FaultCluster.installed().set("walrus.enable", "off").start()) {
      faults.awaitLog("pg_walrus worker started");
      long worker = faults.cluster().workerPid();
      assertThat(faults.cluster().state("engine")).isEqualTo("off");
      assertThat(Memory.hasJvm(worker)).isFalse();

      faults.set("walrus.enable", "on").cluster().reload();
      faults.cluster().awaitBaseline();
      assertThat(Memory.hasJvm(worker)).isTrue();
    }
  }

  private static String handler(FaultCluster faults, int signal) {
    return faults.outcomeOf("query SELECT public.fault_handler(" + signal + ")");
  }
}
