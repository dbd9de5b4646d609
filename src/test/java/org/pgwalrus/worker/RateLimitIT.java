package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;

/** Changes that are put off, and the one way around. */
@Execution(ExecutionMode.CONCURRENT)
class RateLimitIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);
  private static final String SKIPPED = "action = 'skipped'";

  @Test
  void theCooldownBlocksAndFillsOneRowUntilItIsLifted() {
    try (TestCluster cluster = Storm.server().startWithBaseline();
        WalLoad _ = Storm.begin(cluster)) {
      cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
      Storm.renew(cluster, 64);
      cluster.awaitState("total_skipped_cooldown", "1", AN_INTERVAL);
      assertThat(cluster.log())
          .containsPattern(
              "LOG:  pg_walrus: adjustment blocked - cooldown active \\([12]\\d\\d seconds"
                  + " remaining\\)\n.* DETAIL:  Requested checkpoints: ");
      HistoryTable history = HistoryTable.of(cluster);
      assertThat(history.newest("reason", SKIPPED)).isEqualTo("cooldown active");
      assertThat(history.metadata("blocked_by", SKIPPED)).isEqualTo("cooldown");
      assertThat(history.metadata("cooldown_sec", SKIPPED)).isEqualTo("300");
      assertThat(history.metadataKeys(SKIPPED))
          .contains("cooldown_remaining_sec", "last_adjustment_time")
          .doesNotContain("repeat_count");
      assertThat(
              history.newest(
                  "(metadata ->> 'last_adjustment_time')::float8 - extract(epoch FROM"
                      + " (SELECT timestamp FROM walrus.history WHERE action = 'increase'))"
                      + " BETWEEN -2 AND 2",
                  SKIPPED))
          .isEqualTo("t");
      assertThat(cluster.setting("max_wal_size")).isEqualTo("64");
      JsonText status = JsonText.query(cluster, "SELECT walrus.status()");
      assertThat(status.get("cooldown_active")).isEqualTo("true");
      assertThat(status.get("limiting_factor")).isEqualTo("rate_limit");
      assertThat(status.number("cooldown_remaining_sec")).isBetween(1L, 300L);

      Storm.renew(cluster, 80);
      history.await(SKIPPED + " AND metadata ->> 'repeat_count' = '2'", 1, AN_INTERVAL);
      assertThat(history.count(SKIPPED)).isEqualTo(1);

      cluster.alterSystem("walrus.cooldown_sec", "0");
      Storm.renew(cluster, 96);
      cluster.awaitState("total_adjustments", "2", AN_INTERVAL);
      assertThat(history.count(SKIPPED)).isEqualTo(1);
    }
  }

  @Test
  void theHourlyLimitBlocksWhatTheCooldownLetsPass() {
    try (TestCluster cluster =
            Storm.server()
                .set("walrus.cooldown_sec", "0")
                .set("walrus.max_changes_per_hour", "1")
                .startWithBaseline();
        WalLoad _ = Storm.begin(cluster)) {
      cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
      Storm.renew(cluster, 64);
      cluster.awaitState("total_skipped_hourly_limit", "1", AN_INTERVAL);
      assertThat(cluster.log())
          .contains("LOG:  pg_walrus: adjustment blocked - hourly limit reached (1 of 1)\n");
      HistoryTable history = HistoryTable.of(cluster);
      assertThat(history.newest("reason", SKIPPED)).isEqualTo("hourly limit reached");
      assertThat(history.metadata("blocked_by", SKIPPED)).isEqualTo("hourly_limit");
      assertThat(history.metadata("max_changes_per_hour", SKIPPED)).isEqualTo("1");
      assertThat(history.metadata("changes_this_hour", SKIPPED)).isEqualTo("1");
      assertThat(history.metadataKeys(SKIPPED)).contains("hour_window_start");
      JsonText status = JsonText.query(cluster, "SELECT walrus.status()");
      assertThat(status.get("hourly_limit_reached")).isEqualTo("true");
      assertThat(status.get("cooldown_active")).isEqualTo("false");
      assertThat(status.get("changes_this_hour")).isEqualTo("1");
      assertThat(status.get("hourly_window_start")).endsWith("+00:00");
    }
  }

  @Tag("long")
  @Test
  void whereNothingIsAllowedSomebodyMayStillAskAndStartsTheCooldown() {
    try (TestCluster cluster =
            Storm.server().set("walrus.max_changes_per_hour", "0").startWithBaseline();
        WalLoad _ = Storm.begin(cluster)) {
      cluster.awaitState("total_skipped_hourly_limit", "1", AN_INTERVAL);
      assertThat(cluster.log())
          .contains("LOG:  pg_walrus: adjustment blocked - hourly limit reached (0 of 0)\n");
      HistoryTable history = HistoryTable.of(cluster);
      assertThat(history.newest("reason", SKIPPED))
          .isEqualTo("automatic adjustments disabled (max_changes_per_hour = 0)");
      assertThat(cluster.value("SELECT walrus.status() -> 'hourly_limit_reached'"))
          .isEqualTo("true");

      Wait.until(
          () -> "nothing to apply\n" + cluster.log(),
          AN_INTERVAL,
          () -> "increase".equals(cluster.value("SELECT walrus.recommendation() ->> 'action'")));
      JsonText answer = JsonText.query(cluster, "SELECT walrus.analyze(apply := true)");
      assertThat(answer.get("applied")).isEqualTo("true");
      assertThat(answer.get("effective")).isEqualTo("true");
      JsonText status = JsonText.query(cluster, "SELECT walrus.status()");
      assertThat(status.get("cooldown_active")).isEqualTo("true");
      assertThat(status.get("changes_this_hour")).isEqualTo("0");

      cluster.alterSystem("walrus.max_changes_per_hour", "4");
      Storm.renew(cluster, 80);
      cluster.awaitState("total_skipped_cooldown", "1", AN_INTERVAL);
      assertThat(cluster.stateNumber("total_adjustments")).isEqualTo(1);
    }
  }

  /** Shared memory is new after a crash; the history is not. */
  @Tag("long")
  @Test
  void aCrashDoesNotEndTheCooldown() throws Exception {
    try (TestCluster cluster = Storm.server().startWithBaseline()) {
      try (WalLoad _ = Storm.begin(cluster)) {
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
        cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
      }
      long worker = cluster.workerPid();
      Processes.signal(worker, "KILL");
      cluster.awaitLog("all server processes terminated; reinitializing", TestCluster.SOON);
      cluster.awaitWorker(worker, AN_INTERVAL);
      cluster.awaitBaseline();
      assertThat(cluster.stateNumber("total_adjustments")).isZero();
      assertThat(cluster.stateNumber("applied_count")).isEqualTo(1);

      Storm.renew(cluster, 64);
      try (WalLoad _ = Storm.begin(cluster)) {
        cluster.awaitState("total_skipped_cooldown", "1", AN_INTERVAL);
      }
      assertThat(cluster.stateNumber("total_adjustments")).isZero();
      assertThat(cluster.log()).doesNotContain("WARNING:  pg_walrus: ");
    }
  }

  @Tag("long")
  @Test
  void aBlockedShrinkKeepsItsQuietIntervals() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "256MB")
            .set("min_wal_size", "32MB")
            .set("walrus.min_size", "64MB")
            .set("walrus.shrink_intervals", "1")
            .set("walrus.max_changes_per_hour", "0")
            .startWithBaseline()) {
      cluster.awaitDecisions(1, AN_INTERVAL);
      assertThat(cluster.log())
          .contains("LOG:  pg_walrus: shrink blocked - hourly limit reached (0 of 0)\n");
      assertThat(cluster.stateNumber("quiet_intervals")).isEqualTo(1);
      HistoryTable history = HistoryTable.of(cluster);
      assertThat(history.metadata("quiet_intervals", SKIPPED)).isEqualTo("1");
      assertThat(history.newest("new_size_mb", SKIPPED)).isEqualTo("192");

      JsonText answer = JsonText.query(cluster, "SELECT walrus.analyze(apply := true)");
      assertThat(answer.get("recommendation,action")).isEqualTo("decrease");
      assertThat(answer.get("applied")).isEqualTo("true");
      assertThat(cluster.setting("max_wal_size")).isEqualTo("192");
      assertThat(cluster.stateNumber("quiet_intervals")).isZero();
    }
  }
}
