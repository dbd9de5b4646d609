package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;
import org.postgresql.util.PSQLException;

/** Callers whom nobody answers, and callers who do not wait for their answer. */
@Execution(ExecutionMode.CONCURRENT)
class MailboxIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);
  private static final String ADVICE = "SELECT walrus.recommendation()";
  private static final String APPLY = "SELECT walrus.analyze(apply := true)";

  @Test
  void withoutAWorkerTheAnswerIsThatThereIsNone() {
    try (TestCluster cluster = TestCluster.create().set("walrus.database", "nowhere").start()) {
      cluster.execute("CREATE EXTENSION pg_walrus");
      assertUnanswered(cluster, "worker not running");
      assertThat(cluster.value("SELECT walrus.status() -> 'worker_running'")).isEqualTo("false");
      assertThat(cluster.error("SELECT walrus.release()").getSQLState()).isEqualTo("55000");
      assertThat(cluster.error("SELECT * FROM walrus.simulate('{1}')").getMessage())
          .isEqualTo("the simulation was not run: worker not running");
    }
  }

  @Test
  void withoutAJvmTheWorkerAnswersThatThereIsNoEngine() {
    try (TestCluster cluster =
        TestCluster.create().set("walrus.libjvm", "/nonexistent/libjvm.so").start()) {
      cluster.execute("CREATE EXTENSION pg_walrus");
      cluster.awaitLog("pg_walrus: could not start JVM", TestCluster.SOON);
      assertUnanswered(cluster, "decision engine not ready");
      assertThat(cluster.value("SELECT walrus.status() -> 'worker_running'")).isEqualTo("true");
      assertThat(cluster.value("SELECT walrus.status() ->> 'engine'")).startsWith("failed: ");
    }
  }

  @Test
  void aWorkerThatDoesNotAnswerIsWaitedForNoLongerThanTheCallerWants() throws Exception {
    try (TestCluster cluster = TestCluster.create().startWithBaseline();
        Connection session = cluster.connect();
        Statement statement = session.createStatement()) {
      long worker = cluster.workerPid();
      Processes.signal(worker, "STOP");
      statement.execute("SET statement_timeout = '300ms'");
      assertThatThrownBy(() -> statement.execute(ADVICE))
          .isInstanceOfSatisfying(
              PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
      statement.execute("RESET statement_timeout");
      assertThat(first(statement, ADVICE + " ->> 'reason'"))
          .isEqualTo("worker did not answer within 5 seconds");

      Processes.signal(worker, "CONT");
      assertThat(first(statement, ADVICE + " ->> 'action'")).isEqualTo("none");
    }
  }

  @Test
  void aTerminatedCallerLeavesTheSlotFree() throws Exception {
    try (TestCluster cluster = TestCluster.create().startWithBaseline();
        ExecutorService threads = Executors.newSingleThreadExecutor();
        Connection session = cluster.connect();
        Statement statement = session.createStatement()) {
      long worker = cluster.workerPid();
      String pid = first(statement, "SELECT pg_backend_pid()");
      Processes.signal(worker, "STOP");
      Future<?> caller = threads.submit(() -> statement.execute(ADVICE));
      Wait.until(
          "a caller that waits",
          TestCluster.SOON,
          () ->
              "Extension"
                  .equals(
                      cluster.value(
                          "SELECT wait_event_type FROM pg_stat_activity WHERE pid = " + pid)));
      cluster.execute("SELECT pg_terminate_backend(" + pid + ")");
      assertThatThrownBy(caller::get).hasRootCauseInstanceOf(SQLException.class);
      Processes.signal(worker, "CONT");
      assertThat(cluster.value(ADVICE + " ->> 'action'")).isEqualTo("none");
    }
  }

  /**
   * A change is answered when its reload has come through. Without a postmaster that reloads, the
   * caller gives up first, and the answer is ready when the next caller asks.
   */
  @Test
  void theAnswerOfACallerWhoHasGoneIsNotGivenToTheNext() throws Exception {
    try (TestCluster cluster =
            Storm.server().set("walrus.early_reaction", "off").startWithBaseline();
        ExecutorService threads = Executors.newSingleThreadExecutor();
        Connection gone = cluster.connect();
        Connection next = cluster.connect();
        Statement first = gone.createStatement();
        Statement second = next.createStatement()) {
      try (WalLoad _ = Storm.begin(cluster)) {
        Wait.until(
            () -> "nothing to apply\n" + cluster.log(),
            AN_INTERVAL,
            () -> "increase".equals(cluster.value(ADVICE + " ->> 'action'")));
      }
      long worker = cluster.workerPid();
      long postmaster = cluster.postmasterPid();
      Future<String> answer;
      Processes.signal(postmaster, "STOP");
      try {
        first.execute("SET statement_timeout = '300ms'");
        assertThatThrownBy(() -> first.execute(APPLY))
            .isInstanceOfSatisfying(
                PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        Processes.signal(worker, "STOP");
        String pid = first(second, "SELECT pg_backend_pid()");
        answer = threads.submit(() -> first(second, ADVICE));
        Wait.until(
            "a caller that waits",
            TestCluster.SOON,
            () ->
                "Extension"
                    .equals(
                        first(
                            first,
                            "SELECT wait_event_type FROM pg_stat_activity WHERE pid = " + pid)));
      } finally {
        Processes.signal(postmaster, "CONT");
      }
      cluster.awaitLog("received SIGHUP", TestCluster.SOON);
      Processes.signal(worker, "CONT");

      assertThat(JsonText.of(cluster, answer.get()).keys())
          .contains("action", "evidence")
          .doesNotContain("applied");
      assertThat(cluster.stateNumber("total_adjustments")).isEqualTo(1);
      assertThat(cluster.setting("max_wal_size")).isNotEqualTo("64");
    }
  }

  private static void assertUnanswered(TestCluster cluster, String reason) {
    JsonText advice = JsonText.query(cluster, ADVICE);
    assertThat(advice.get("action")).isEqualTo("error");
    assertThat(advice.get("reason")).isEqualTo(reason);
    assertThat(advice.get("confidence")).isEqualTo("0");
    for (String ask : new String[] {"SELECT walrus.analyze()", APPLY}) {
      JsonText analysis = JsonText.query(cluster, ask);
      assertThat(analysis.get("analyzed")).isEqualTo("false");
      assertThat(analysis.get("applied")).isEqualTo("false");
      assertThat(analysis.get("reason")).isEqualTo(reason);
    }
  }

  private static String first(Statement statement, String sql) {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return String.valueOf(row.getString(1));
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }
}
