package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** {@code walrus.reset()} while the worker runs. */
@Execution(ExecutionMode.CONCURRENT)
class ResetIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);

  private static final String ALWAYS =
      "[{\"name\": \"always\", \"start_hour\": 0, \"end_hour\": 24, \"days\": [\"Mon\", \"Tue\","
          + " \"Wed\", \"Thu\", \"Fri\", \"Sat\", \"Sun\"]}]";

  /** With the raw counter, since nothing else would make pressure of idle checkpoints. */
  @Test
  void whatWasOnTheCounterBeforeIsNoPressureAfterwards() throws SQLException {
    try (TestCluster cluster =
        TestCluster.create()
            .set("walrus.count_mode", "requested")
            .set("walrus.early_reaction", "off")
            .startWithBaseline()) {
      long requested = cluster.requestedCheckpoints();
      try (Connection connection = cluster.connect();
          Statement statement = connection.createStatement()) {
        for (int i = 0; i < 500; i++) {
          statement.execute("CHECKPOINT");
        }
      }
      assertThat(cluster.requestedCheckpoints()).isGreaterThanOrEqualTo(requested + 500);
      assertThat(cluster.stateNumber("analysis_cycles")).isZero();
      assertThat(cluster.value("SELECT walrus.reset()")).isEqualTo("t");
      cluster.awaitLog("established baseline", 2, TestCluster.SOON);
      cluster.awaitBaseline();
      assertThat(cluster.stateNumber("requested_base")).isGreaterThanOrEqualTo(requested + 500);

      cluster.awaitDecisions(1, AN_INTERVAL);
      assertThat(cluster.stateNumber("last_forced_checkpoints")).isZero();
      assertThat(cluster.stateNumber("total_adjustments")).isZero();
      assertThat(cluster.stateNumber("quiet_intervals")).isEqualTo(1);
    }
  }

  @Test
  void clearsCountersHistoryAndRateLimitUnlessItIsRolledBack() throws SQLException {
    try (TestCluster cluster = Storm.server().startWithBaseline();
        WalLoad _ = Storm.begin(cluster)) {
      cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
      cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
      HistoryTable history = HistoryTable.of(cluster);
      try (Connection connection = cluster.connect();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute("SELECT walrus.reset()");
        connection.rollback();
        statement.execute("SAVEPOINT here");
        statement.execute("SELECT walrus.reset()");
        statement.execute("ROLLBACK TO here");
        connection.commit();
      }
      long samples = cluster.stateNumber("samples");
      assertThat(samples).isPositive();
      assertThat(cluster.stateNumber("total_adjustments")).isEqualTo(1);
      assertThat(history.count("true")).isEqualTo(1);
      assertThat(cooling(cluster)).isEqualTo("true");

      cluster.execute("SELECT walrus.reset()");
      JsonText state = JsonText.query(cluster, "SELECT walrus.shmem_status()");
      for (String counter :
          new String[] {
            "total_adjustments", "total_increases", "early_decisions", "analysis_cycles",
            "self_reloads", "last_forced_checkpoints", "rate_sample_count", "applied_count"
          }) {
        assertThat(state.get(counter)).as(counter).isEqualTo("0");
      }
      assertThat(state.get("last_adjustment_time")).isEqualTo("null");
      assertThat(history.count("true")).isZero();
      assertThat(cooling(cluster)).isEqualTo("false");
      assertThat(cluster.stateNumber("worker_pid")).isEqualTo(cluster.workerPid());
      assertThat(cluster.state("engine")).isEqualTo("ready");

      // The cooldown of five minutes is forgotten by the engine too.
      Storm.renew(cluster, 64);
      cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
      assertThat(cluster.stateNumber("total_skipped_cooldown")).isZero();
    }
  }

  /** What is wrong with the settings has not gone away. */
  @Test
  void whatHoldsRegardlessOfThePastIsStillShown() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("walrus.min_size", "8GB")
            .set("walrus.profiles", ALWAYS)
            .startWithBaseline()) {
      cluster.awaitState("active_profile", "always", TestCluster.SOON);
      cluster.set("walrus.profiles", "[{}]").reload();
      cluster.awaitState("profile_error", "profile 1: name is missing", TestCluster.SOON);
      String before = settled(cluster);
      cluster.execute("SELECT walrus.reset()");
      cluster.awaitLog("established baseline", 2, TestCluster.SOON);
      cluster.awaitBaseline();

      assertThat(settled(cluster))
          .isEqualTo(before)
          .contains("always")
          .contains("name is missing")
          .contains("walrus.min_size");
    }
  }

  @Test
  void onlyWhoOwnsTheExtensionMayReset() {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      cluster.execute("CREATE ROLE plain LOGIN");
      for (String function : new String[] {"reset", "reset_shared_state", "cleanup_history"}) {
        assertThat(cluster.error("plain", "SELECT walrus." + function + "()").getSQLState())
            .as(function)
            .isEqualTo("42501");
      }
    }
  }

  private static String cooling(TestCluster cluster) {
    return String.valueOf(cluster.value("SELECT walrus.status() -> 'cooldown_active'"));
  }

  private static String settled(TestCluster cluster) {
    return String.valueOf(
        cluster.value(
            "SELECT concat_ws(' ', s -> 'active_profile', s -> 'profile_error',"
                + " s -> 'config_warnings') FROM walrus.status() AS s"));
  }
}
