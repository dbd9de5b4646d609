package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Books;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** A worker that gets a signal in the middle of a change of the size. */
@Execution(ExecutionMode.CONCURRENT)
class InterruptedChangeIT {

  private static final int KILL = 9;
  private static final int TERM = 15;

  private static final Duration RESTART = Duration.ofSeconds(60);

  @ParameterizedTest
  @ValueSource(strings = {"before-write", "before-reload", "before-row", "after-row"})
  @Execution(ExecutionMode.CONCURRENT)
  void aKilledWorkerLeavesNoHalfChange(String moment) {
    try (FaultCluster faults = faulty()) {
      TestCluster cluster = faults.cluster();
      loadUntilItStarts(faults, moment, KILL);
      faults.awaitCrashRestart(1);
      cluster.awaitReachable();
      cluster.awaitBaseline();

      int changes = moment.equals("before-write") ? 0 : 1;
      assertBalanced(cluster, changes);
      cluster.set("walrus.cooldown_sec", "0").set("walrus.max", "200MB").reload();
      cluster.loadUntilChanged(Integer.parseInt(cluster.state("total_adjustments")) + 1);
      assertBalanced(cluster, changes + 1);
      assertThat(cluster.crashRestarts()).isEqualTo(1);
    }
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"before-write", "before-reload", "before-row", "after-row"})
  @Execution(ExecutionMode.CONCURRENT)
  void aWorkerThatIsToldToEndFinishesTheChangeFirst(String moment) {
    try (FaultCluster faults = faulty()) {
      TestCluster cluster = faults.cluster();
      long worker = cluster.workerPid();
      loadUntilItStarts(faults, moment, TERM);
      faults.assertWorkerLeft();

      assertThat(cluster.changes()).as(cluster.log()).hasSize(1);
      cluster.awaitWorker(worker, RESTART);
      cluster.awaitLog("established baseline checkpoint count", 2, TestCluster.SOON);
      assertBalanced(cluster, 1);
      faults.assertUntouched();
    }
  }

  private static FaultCluster faulty() {
    return FaultCluster.faulty()
        .set("max_wal_size", "64MB")
        .set("min_wal_size", "32MB")
        .set("walrus.max", "128MB")
        .startReady();
  }

  /** Arms the fault, and writes WAL until the worker has run into it. */
  private static void loadUntilItStarts(FaultCluster faults, String moment, int signal) {
    assertThat(faults.outcomeOf("die " + moment + " " + signal)).isEqualTo("armed");
    try (var _ = WalLoad.startUntilCrash(faults.cluster(), TestCluster.STORM_MB_PER_SECOND)) {
      String end = signal == KILL ? "was terminated by signal 9" : "pg_walrus worker shutting down";
      faults.cluster().awaitLog(end, TestCluster.AN_INTERVAL);
    }
  }

  private static void assertBalanced(TestCluster cluster, int changes) {
    Books.assertBalanced(cluster, changes);
    assertThat(cluster.status("worker_running")).isEqualTo("true");
    assertThat(cluster.status("engine")).isEqualTo("ready");
    assertThat(cluster.status("apply_blocked")).isEqualTo("null");
  }
}
