package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** What monitoring sees, against what the worker did. */
class MetricsIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);
  private static final double MB = 1 << 20;

  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-z_]+(?:\\{[a-z]+=\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\""
              + "(?:,[a-z]+=\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\")*})?) (\\S+)");

  private static final Map<String, String> COUNTERS =
      Map.of(
          "walrus_analysis_cycles_total", "analysis_cycles",
          "walrus_increases_total", "total_increases",
          "walrus_decreases_total", "total_decreases",
          "walrus_capped_total", "total_capped",
          "walrus_skipped_total{reason=\"cooldown\"}", "total_skipped_cooldown",
          "walrus_skipped_total{reason=\"hourly_limit\"}", "total_skipped_hourly_limit",
          "walrus_dry_run_total", "total_dry_run",
          "walrus_apply_failures_total", "apply_failures",
          "walrus_engine_failures_total", "engine_failures",
          "walrus_quiet_intervals", "quiet_intervals");

  @Test
  void metricsAndStatusAgreeWithTheDecisionsThatWereTaken() throws SQLException {
    try (TestCluster cluster = Storm.server().set("walrus.max", "512MB").startWithBaseline()) {
      cluster.execute("CREATE ROLE plain LOGIN");
      cluster.execute("CREATE ROLE monitor LOGIN IN ROLE pg_monitor");
      try (WalLoad _ = Storm.begin(cluster)) {
        cluster.awaitState("total_capped", "1", AN_INTERVAL);
        Storm.renew(cluster, 80);
        cluster.awaitState("total_skipped_cooldown", "1", AN_INTERVAL);
        cluster.alterSystem("walrus.dry_run", "on");
        Storm.renew(cluster, 96);
        cluster.awaitState("total_dry_run", "1", AN_INTERVAL);
      }
      cluster.awaitState("current_size_mb", "96", TestCluster.SOON);

      Map<String, Double> metrics =
          parse(value(cluster, "monitor", "SELECT walrus.metrics_prometheus()"));
      JsonText state = JsonText.query(cluster, "SELECT walrus.shmem_status()");
      assertThat(state.number("total_capped")).isEqualTo(1);
      assertThat(state.number("analysis_cycles")).isGreaterThanOrEqualTo(3);
      COUNTERS.forEach((metric, field) ->
          assertThat(metrics).containsEntry(metric, (double) state.number(field)));
      assertThat(metrics)
          .containsEntry("walrus_enabled", 1.0)
          .containsEntry("walrus_worker_up", 1.0)
          .containsEntry("walrus_engine_ready", 1.0)
          .containsEntry("walrus_max_wal_size_bytes", 96 * MB)
          .containsEntry("walrus_max_allowed_bytes", 512 * MB)
          .containsEntry(
              "walrus_recommended_bytes", state.number("current_recommendation_mb") * MB);

      JsonText status = JsonText.of(cluster, value(cluster, "plain", "SELECT walrus.status()"));
      assertThat(status.get("worker_running")).isEqualTo("true");
      assertThat(status.get("engine")).isEqualTo("ready");
      assertThat(status.number("total_adjustments")).isEqualTo(1);
      assertThat(status.number("current_max_wal_size_mb")).isEqualTo(96);
      assertThat(status.number("worker_pid")).isEqualTo(cluster.workerPid());
      assertThat(status.get("limiting_factor")).isEqualTo(state.get("limiting_factor"));
      assertThat(metrics)
          .containsEntry(
              "walrus_forced_checkpoints",
              (double) status.number("forced_checkpoints_last_interval"))
          .containsEntry("walrus_trigger_distance_bytes", status.number("trigger_distance_mb") * MB)
          .containsEntry("walrus_disk_cap_bytes", status.number("disk_cap_mb") * MB);
      assertThat(value(cluster, "plain", "SELECT count(*) FROM walrus.history()")).isEqualTo("3");
      for (String function : List.of("metrics_prometheus", "metrics", "shmem_status")) {
        assertThat(cluster.error("plain", "SELECT walrus." + function + "()").getSQLState())
            .as(function)
            .isEqualTo("42501");
      }
    }
  }

  /** Strictly: each metric has its two comments first, its samples follow at once. */
  private static Map<String, Double> parse(String text) {
    assertThat(text).endsWith("\n").doesNotContain("\r", "\n\n");
    Map<String, Double> metrics = new TreeMap<>();
    String name = "";
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("# HELP ")) {
        name = line.split(" ", -1)[2];
        assertThat(lines.get(i + 1)).matches("# TYPE " + name + " (gauge|counter)");
        i++;
        continue;
      }
      Matcher sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      assertThat(sample.group(1).replaceFirst("\\{.*", "")).isEqualTo(name);
      double value = Double.parseDouble(sample.group(2).replace("+Inf", "Infinity"));
      assertThat(metrics.put(sample.group(1), value)).as(line).isNull();
    }
    return metrics;
  }

  private static String value(TestCluster cluster, String role, String sql) throws SQLException {
    try (Connection connection = cluster.connect(role);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
