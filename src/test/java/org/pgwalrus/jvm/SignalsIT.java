package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Reload, cancel and terminate, while the worker waits and while Java works. */
class SignalsIT {

  private static final String RELOAD = "received SIGHUP, reloading configuration files";
  private static final String RELOADED = "pg_walrus: configuration reloaded";

  @Test
  void anIdleWorkerServesReloadCancelAndTerminateAtOnce() {
    try (FaultCluster faults = FaultCluster.installed().startReady()) {
      long pid = faults.cluster().workerPid();

      faults.cluster().reload();
      assertThat(faults.logged(RELOAD, RELOADED)).isLessThan(FaultCluster.AT_ONCE);

      faults.cluster().execute("SELECT pg_cancel_backend(" + pid + ")");
      faults.awaitGoodCycle();
      assertThat(faults.cluster().workerPid()).isEqualTo(pid);

      assertTerminates(faults, pid);
    }
  }

  @Test
  void busyJavaServesAReloadAtOnce() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      faults.commit("busy").awaitLog("fault: busy");
      faults.cluster().reload();

      assertThat(faults.outcome()).isEqualTo("interrupted");
      assertThat(faults.logged(RELOAD, RELOADED)).isLessThan(FaultCluster.AT_ONCE);
      faults.assertUntouched();
    }
  }

  @Test
  void busyJavaServesCancelAndTerminateAtOnce() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      long pid = faults.cluster().workerPid();

      faults.commit("busy").awaitLog("fault: busy");
      faults.cluster().execute("SELECT pg_cancel_backend(" + pid + ")");
      assertThat(faults.outcome()).isEqualTo("interrupted");
      faults.awaitGoodCycle();
      assertThat(faults.cluster().workerPid()).isEqualTo(pid);

      faults.commit("busy");
      faults.cluster().awaitLog("fault: busy", 2, FaultCluster.AT_ONCE);
      assertTerminates(faults, pid);
    }
  }

  @Test
  void cancellingAQueryUnderJavaIsAnException() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      long pid = awaitQuery(faults, "query SELECT pg_sleep(60)");
      faults.cluster().execute("SELECT pg_cancel_backend(" + pid + ")");

      assertThat(faults.outcome()).startsWith("SQLSTATE 57014: ");
      faults.awaitGoodCycle();
      assertThat(faults.cluster().workerPid()).isEqualTo(pid);
      faults.assertUntouched();
    }
  }

  @Test
  void terminatingAQueryUnderJavaEndsTheWorker() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      assertTerminates(faults, awaitQuery(faults, "query SELECT pg_sleep(60)"));
    }
  }

  @Test
  void javaSeesATerminationThatHasAlreadyEndedAQuery() {
    try (FaultCluster faults = FaultCluster.faulty().startReady()) {
      assertTerminates(faults, awaitQuery(faults, "query-then-busy SELECT pg_sleep(60)"));
    }
  }

  private static long awaitQuery(FaultCluster faults, String fault) {
    faults.commit(fault);
    return faults.awaitQuery("SELECT pg_sleep(60)");
  }

  private static void assertTerminates(FaultCluster faults, long pid) {
    String terminate = "SELECT pg_terminate_backend(" + pid + ", 2000)";
    assertThat(faults.cluster().value(terminate)).as(faults.cluster().log()).isEqualTo("t");
    faults.assertWorkerLeft();
  }
}
