package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.Books;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;

/** What a worker knows of the one before it, after an end and after a crash. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("long")
class MemoryIT {

  private static final Duration RESTART = Duration.ofSeconds(60);

  private static TestCluster smallCluster() {
    return TestCluster.create()
        .set("max_wal_size", "64MB")
        .set("min_wal_size", "32MB")
        .set("walrus.max", "128MB");
  }

  @Test
  void theHourlyLimitHoldsAcrossAnEndAndACrash() throws Exception {
    try (TestCluster cluster =
        smallCluster().set("walrus.max_changes_per_hour", "1").set("walrus.cooldown_sec", "0")) {
      cluster.startWithBaseline();
      cluster.loadUntilChanged(1);
      cluster.set("walrus.max", "256MB").reload();

      endWorker(cluster);
      loadUntilBlocked(cluster, "total_skipped_hourly_limit");
      Books.assertBalanced(cluster, 1);

      crash(cluster);
      loadUntilBlocked(cluster, "total_skipped_hourly_limit");
      Books.assertBalanced(cluster, 1);
      assertThat(cluster.setting("max_wal_size")).isEqualTo("128");
    }
  }

  @Test
  void theCooldownHoldsAcrossAnEndAndACrash() throws Exception {
    try (TestCluster cluster = smallCluster().startWithBaseline()) {
      cluster.loadUntilChanged(1);
      cluster.set("walrus.max", "256MB").reload();

      endWorker(cluster);
      assertCooling(cluster);

      crash(cluster);
      assertCooling(cluster);
      loadUntilBlocked(cluster, "total_skipped_cooldown");
      Books.assertBalanced(cluster, 1);
    }
  }

  @Test
  void measuredRatesOutliveTheWorker() {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      cluster.awaitState("rate_sample_count", "1", TestCluster.AN_INTERVAL);
      String rates = cluster.state("rate_samples");
      String average = cluster.state("wal_rate_ema");

      endWorker(cluster);

      assertThat(cluster.state("rate_samples")).isEqualTo(rates);
      assertThat(cluster.state("wal_rate_ema")).isEqualTo(average);
    }
  }

  private static void assertCooling(TestCluster cluster) {
    assertThat(cluster.status("cooldown_active")).isEqualTo("true");
    assertThat(Integer.parseInt(cluster.status("cooldown_remaining_sec"))).isBetween(1, 299);
    assertThat(cluster.status("changes_this_hour")).isEqualTo("1");
  }

  private static void endWorker(TestCluster cluster) {
    long worker = cluster.workerPid();
    int baselines = cluster.logCount("established baseline");
    cluster.execute("SELECT pg_terminate_backend(" + worker + ")");
    cluster.awaitWorker(worker, RESTART);
    cluster.awaitLog("established baseline", baselines + 1, TestCluster.SOON);
    cluster.awaitBaseline();
  }

  private static void crash(TestCluster cluster) throws Exception {
    try (Connection victim = cluster.connect();
        Statement statement = victim.createStatement();
        ResultSet pid = statement.executeQuery("SELECT pg_backend_pid()")) {
      assertThat(pid.next()).isTrue();
      Processes.signal(pid.getLong(1), "KILL");
    }
    cluster.awaitLog("all server processes terminated; reinitializing", TestCluster.SOON);
    cluster.awaitReachable();
    cluster.awaitBaseline();
  }

  private static void loadUntilBlocked(TestCluster cluster, String counter) {
    try (var _ = WalLoad.start(cluster, TestCluster.STORM_MB_PER_SECOND)) {
      Wait.until(
          () -> "nothing was put off\n" + cluster.log(),
          TestCluster.AN_INTERVAL,
          () -> cluster.stateNumber(counter) > 0);
    }
    assertThat(cluster.history()).anyMatch(row -> row.startsWith("skipped 128 "));
  }
}
