package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;

/** Advice on request, and changes on request. */
@Execution(ExecutionMode.CONCURRENT)
class AnalyzeIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);
  private static final String APPLY = "SELECT walrus.analyze(apply := true)";

  /** Under pressure that the worker itself looks at only when the interval is over. */
  private static TestCluster patientServer() {
    return Storm.server()
        .set("walrus.early_reaction", "off")
        .set("walrus.cooldown_sec", "0")
        .startWithBaseline();
  }

  private static void awaitAdviceToGrow(TestCluster cluster) {
    Wait.until(
        () -> cluster.value("SELECT walrus.recommendation()") + "\n" + cluster.log(),
        AN_INTERVAL,
        () -> "increase".equals(cluster.value("SELECT walrus.recommendation() ->> 'action'")));
  }

  @Test
  void askingChangesNothing() throws Exception {
    try (TestCluster cluster = patientServer()) {
      Object before = Files.getLastModifiedTime(cluster.autoConfFile());
      long base = cluster.stateNumber("requested_base");
      try (WalLoad _ = Storm.begin(cluster)) {
        awaitAdviceToGrow(cluster);
      }
      for (int i = 0; i < 20; i++) {
        cluster.value("SELECT walrus.analyze()");
      }
      JsonText advice = JsonText.query(cluster, "SELECT walrus.recommendation()");
      assertThat(advice.keys())
          .contains("current_size_mb", "recommended_size_mb", "action", "reason", "confidence")
          .contains("evidence", "limited_by", "dry_run");
      assertThat(advice.number("current_size_mb")).isEqualTo(64);
      assertThat(advice.number("recommended_size_mb"))
          .isEqualTo(64 * (advice.number("evidence,effective_delta") + 1));
      assertThat(advice.get("reason"))
          .isEqualTo(
              advice.get("evidence,effective_delta")
                  + " forced checkpoints detected, recommend increase to "
                  + advice.get("recommended_size_mb")
                  + " MB");
      assertThat(advice.number("confidence")).isBetween(50L, 100L);
      assertThat(JsonText.of(cluster, advice.get("evidence")).keys())
          .containsExactlyInAnyOrder(
              "samples",
              "interval_sec",
              "raw_delta",
              "effective_delta",
              "wal_mb",
              "trigger_distance_mb",
              "rate_p95_mb_sec",
              "fpi_share");
      JsonText analysis = JsonText.query(cluster, "SELECT walrus.analyze()");
      assertThat(analysis.get("analyzed")).isEqualTo("true");
      assertThat(analysis.get("applied")).isEqualTo("false");
      assertThat(analysis.get("recommendation,action")).isEqualTo("increase");

      assertThat(cluster.stateNumber("analysis_cycles")).isZero();
      assertThat(cluster.stateNumber("requested_base")).isEqualTo(base);
      assertThat(cluster.stateNumber("quiet_intervals")).isZero();
      assertThat(HistoryTable.of(cluster).count("true")).isZero();
      assertThat(Files.getLastModifiedTime(cluster.autoConfFile())).isEqualTo(before);
    }
  }

  @Test
  void whatIsAppliedIsMadeOnceByTheWorkerForARoleWithTheRight() throws SQLException {
    try (TestCluster cluster = patientServer()) {
      cluster.execute("CREATE ROLE dba LOGIN");
      cluster.execute("GRANT ALTER SYSTEM ON PARAMETER max_wal_size TO dba");
      JsonText answer;
      try (WalLoad _ = Storm.begin(cluster)) {
        awaitAdviceToGrow(cluster);
        answer = JsonText.of(cluster, ask(cluster, "dba", APPLY));
      }
      assertThat(answer.get("analyzed")).isEqualTo("true");
      assertThat(answer.get("applied")).isEqualTo("true");
      assertThat(answer.get("effective")).isEqualTo("true");
      assertThat(answer.keys()).contains("blocked_by");
      assertThat(answer.get("blocked_by")).isEqualTo("null");
      String size = answer.get("recommendation,recommended_size_mb");
      assertThat(cluster.setting("max_wal_size")).isEqualTo(size);

      HistoryTable history = HistoryTable.of(cluster);
      history.await("metadata ->> 'effective' = 'true'", 1, TestCluster.SOON);
      assertThat(history.newest("action", "true")).isEqualTo("increase");
      assertThat(history.newest("new_size_mb", "true")).isEqualTo(size);
      assertThat(history.newest("reason", "true")).isEqualTo(answer.get("recommendation,reason"));
      assertThat(history.metadata("source", "true")).isEqualTo("walrus.analyze");
      assertThat(history.metadata("user", "true")).isEqualTo("dba");
      assertThat(history.metadata("trigger", "true")).isEqualTo("manual");
      assertThat(history.metadata("confidence", "true"))
          .isEqualTo(answer.get("recommendation,confidence"));

      // The worker sees the reload, the counter and no cooldown: it must not grow again.
      cluster.awaitDecisions(1, AN_INTERVAL);
      assertThat(cluster.stateNumber("total_adjustments")).isEqualTo(1);
      assertThat(cluster.logCount("received SIGHUP")).isEqualTo(1);
      assertThat(history.count("true")).isEqualTo(1);
    }
  }

  @Test
  void sessionsThatApplyAtOnceAreAllAnsweredAndChangeOnce() throws Exception {
    try (TestCluster cluster = patientServer();
        ExecutorService sessions = Executors.newFixedThreadPool(3)) {
      try (WalLoad _ = Storm.begin(cluster)) {
        awaitAdviceToGrow(cluster);
      }
      Callable<String> session = () -> ask(cluster, "postgres", APPLY);
      List<Future<String>> answers = sessions.invokeAll(List.of(session, session, session));
      int applied = 0;
      for (Future<String> future : answers) {
        JsonText answer = JsonText.of(cluster, future.get());
        assertThat(answer.get("analyzed")).isEqualTo("true");
        applied += answer.get("applied").equals("true") ? 1 : 0;
      }
      assertThat(applied).isEqualTo(1);
      assertThat(cluster.stateNumber("total_adjustments")).isEqualTo(1);
      assertThat(HistoryTable.of(cluster).count("true")).isEqualTo(1);
    }
  }

  @Test
  void dryRunAndAdviseModeRefuseAndRecordIt() throws Exception {
    try (TestCluster cluster = patientServer()) {
      String before = cluster.autoConf();
      cluster.set("walrus.dry_run", "on").reload();
      try (WalLoad _ = Storm.begin(cluster)) {
        awaitAdviceToGrow(cluster);
      }
      JsonText refused = JsonText.query(cluster, APPLY);
      assertThat(refused.get("applied")).isEqualTo("false");
      assertThat(refused.get("blocked_by")).isEqualTo("dry_run");
      assertThat(refused.get("effective")).isEqualTo("null");

      cluster.set("walrus.dry_run", "off").set("walrus.apply_mode", "advise").reload();
      Wait.until(
          "advise mode",
          TestCluster.SOON,
          () -> "apply_mode".equals(cluster.value(APPLY + " ->> 'blocked_by'")));
      HistoryTable history = HistoryTable.of(cluster);
      assertThat(history.newest("action", "true")).isEqualTo("dry_run");
      assertThat(history.metadata("source", "true")).isEqualTo("walrus.analyze");
      assertThat(history.metadata("would_apply", "true")).isEqualTo("increase");
      assertThat(history.count("action <> 'dry_run'")).isZero();
      assertThat(cluster.autoConf()).isEqualTo(before);
      assertThat(cluster.stateNumber("total_adjustments")).isZero();
    }
  }

  @Test
  void aPlainRoleIsRefusedFirstAndADisabledExtensionSaysSo() throws SQLException {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      cluster.execute("CREATE ROLE plain LOGIN");
      cluster.alterSystem("walrus.enable", "off").reload();
      Wait.until(
          "disabled",
          TestCluster.SOON,
          () -> "false".equals(cluster.value("SELECT walrus.status() -> 'enabled'")));
      for (String refused : List.of(APPLY, "SELECT walrus.ask('apply', '')")) {
        assertThat(cluster.error("plain", refused).getSQLState()).isEqualTo("42501");
        assertThat(cluster.error("plain", refused).getMessage())
            .isEqualTo("permission denied: walrus.analyze(apply := true) requires superuser");
      }
      String disabled = "{\"reason\": \"extension is disabled\", \"analyzed\": false}";
      assertThat(ask(cluster, "plain", "SELECT walrus.analyze()")).isEqualTo(disabled);
      assertThat(ask(cluster, "postgres", APPLY)).isEqualTo(disabled);
      JsonText advice =
          JsonText.of(cluster, ask(cluster, "plain", "SELECT walrus.recommendation()"));
      assertThat(advice.get("action")).isEqualTo("error");
      assertThat(advice.get("reason")).isEqualTo("extension is disabled");
      assertThat(advice.get("confidence")).isEqualTo("0");
      assertThat(advice.get("recommended_size_mb")).isEqualTo(advice.get("current_size_mb"));
    }
  }

  private static String ask(TestCluster cluster, String role, String sql) throws SQLException {
    try (Connection connection = cluster.connect(role);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
