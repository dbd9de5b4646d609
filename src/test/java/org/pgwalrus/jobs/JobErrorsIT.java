package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.jobs.TrialCluster.note;
import static org.pgwalrus.jobs.TrialCluster.script;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Skip;
import org.pgwalrus.cluster.TestCluster;

/** A job that fails says why, and hurts neither its worker nor the jobs behind it. */
class JobErrorsIT {

  private static final String LONG = "sql SELECT pg_sleep(600)";

  private static final TrialCluster TRIALS = new TrialCluster().start();
  private static final TestCluster CLUSTER = TRIALS.cluster();

  @AfterAll
  static void close() {
    TRIALS.close();
  }

  @AfterEach
  void nothingRunsAnyMore() {
    TRIALS.awaitQuiet();
    assertThat(TRIALS.running()).isEmpty();
    assertThat(CLUSTER.crashRestarts()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sql SELECT 1/0 | division by zero (SQLSTATE 22012)",
        "sql SELECT no_such | column \"no_such\" does not exist (SQLSTATE 42703)",
        "sql COMMIT | SQLSTATE",
        "refuse I cannot | I cannot",
        "throw ouch | java.lang.IllegalArgumentException: ouch",
        "fill-memory | java.lang.OutOfMemoryError",
        "fill-stack | java.lang.StackOverflowError",
        "nonsense | java.lang.AssertionError: nonsense"
      })
  void anErrorFailsTheJobAndTheWorkerGoesOn(String act, String message) throws SQLException {
    List<Long> jobs = new ArrayList<>();
    try (Connection session = CLUSTER.connect("anna")) {
      session.setAutoCommit(false);
      jobs.add(
          TrialCluster.queue(session, script(note("begun"), act, note("done")), note("undone")));
      jobs.add(TrialCluster.queue(session, note("done"), note("undone")));
      session.commit();
    }
    long job = jobs.getFirst();
    long next = jobs.getLast();

    TRIALS.await(next, "complete");
    assertThat(TRIALS.status(job)).isEqualTo("failed");
    assertThat(TRIALS.error(job)).contains(message);
    assertThat(TRIALS.effects(job)).containsExactly("begun", "undone");
    assertThat(TRIALS.of(job, "needs_undo")).isEqualTo("f");
    assertThat(TRIALS.worker(next)).as("the same worker").isEqualTo(TRIALS.worker(job));
  }

  @Test
  void theWholeErrorIsKept() {
    long job =
        TRIALS.queue(
            "anna",
            "sql DO $$ BEGIN RAISE EXCEPTION 'it''s \"bad\": \u00e4\u20ac%', repeat('x', 3000)"
                + " USING ERRCODE = 'AB123', DETAIL = 'the detail', HINT = 'the hint'; END $$");
    TRIALS.await(job, "failed");
    assertThat(TRIALS.error(job))
        .isEqualTo(
            "it's \"bad\": \u00e4\u20ac"
                + "x".repeat(3000)
                + " (SQLSTATE AB123)\nDETAIL: the detail\nHINT: the hint");
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "3"})
  void aJobThatEndsTheJvmFailsAndTheNextOneRuns(int code) {
    long job = TRIALS.queue("anna", script(note("begun"), "exit " + code), note("undone"));
    long next = TRIALS.queue("anna", note("done"));

    TRIALS.await(job, "failed");
    assertThat(TRIALS.error(job)).contains("(pid " + TRIALS.of(job, "worker_pid") + ") ended");
    TRIALS.await(next, "complete");
    TRIALS.awaitEffect(job, "undone");
    assertThat(TRIALS.effects(job)).containsExactly("begun", "undone");
    assertThat(TRIALS.of(job, "attempts")).isEqualTo("1");
    assertThat(TRIALS.worker(next)).isNotEqualTo(TRIALS.worker(job));
    assertThat(CLUSTER.log()).doesNotContain("could not start the JVM of a job");
  }

  @Test
  void anUndoThatEndsTheWorkerIsTriedThreeTimes() {
    long job = TRIALS.queue("anna", "exit 1", script(note("undoing"), "exit 1"));
    long next = TRIALS.queue("anna", note("done"));

    TRIALS.await(next, "complete");
    TRIALS.awaitEffect(job, "undoing", 3);
    TRIALS.awaitQuiet();
    assertThat(TRIALS.effects(job)).containsExactly("undoing", "undoing", "undoing");
    assertThat(TRIALS.status(job)).isEqualTo("failed");
    assertThat(TRIALS.of(job, "needs_undo || ' ' || undo_attempts")).isEqualTo("true 3");
    assertThat(TRIALS.effects(next)).containsExactly("done");
  }

  /** Once by the worker of the job, and three times more. */
  @Test
  void anUndoThatFailsIsTriedAgainUntilItSucceeds() {
    long never = TRIALS.queue("anna", "throw it", script(note("undoing"), "throw again"));
    CLUSTER.execute("CREATE SEQUENCE public.tries; GRANT USAGE ON SEQUENCE tries TO anna");
    long third =
        TRIALS.queue(
            "anna",
            "throw it",
            script(note("undoing"), "sql SELECT 1 / (nextval('public.tries') / 3)"));
    long next = TRIALS.queue("anna", note("done"));

    TRIALS.await(next, "complete");
    TRIALS.awaitQuiet();
    assertThat(TRIALS.effects(never)).containsExactly("undoing", "undoing", "undoing", "undoing");
    assertThat(TRIALS.of(never, "needs_undo || ' ' || undo_attempts")).isEqualTo("true 3");
    assertThat(TRIALS.effects(third)).containsExactly("undoing", "undoing", "undoing");
    assertThat(TRIALS.of(third, "needs_undo || ' ' || undo_attempts")).isEqualTo("false 2");
    assertThat(TRIALS.status(third)).isEqualTo("failed");
  }

  /** The slots of progress are fewer than these workers that end in the middle of a job. */
  @Test
  @Tag("long")
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void manyDeadWorkersLeaveRoomForTheProgressOfOthers() throws SQLException {
    long last = 0;
    try (Connection session = CLUSTER.connect("anna")) {
      session.setAutoCommit(false);
      for (int i = 0; i < 70; i++) {
        last = TrialCluster.queue(session, "exit 1", "");
      }
      session.commit();
    }
    TRIALS.await(last, "failed", Duration.ofMinutes(10));
    long job = TRIALS.queue("anna", note("done"));
    TRIALS.await(job, "complete");
    TRIALS.awaitQuiet();
    assertThat(CLUSTER.column("SELECT status FROM steep_repl.operation_progress(" + job + ")"))
        .containsExactly("complete");
    assertThat(CLUSTER.value("SELECT status FROM steep_repl.health()")).isNotEqualTo("unhealthy");
  }

  @Test
  void aRoleThatHasGoneTakesItsJobWithIt() {
    CLUSTER.execute("CREATE ROLE ghost LOGIN IN ROLE steep_repl_operator");
    assertRefused("ghost", "DROP ROLE ghost", "does not exist any more");
  }

  @Test
  void aRoleThatMayNotLogInAnyMoreRunsNoJob() {
    CLUSTER.execute("CREATE ROLE locked LOGIN IN ROLE steep_repl_operator");
    Skip.unless(Installation.get().major() < 17, "since PostgreSQL 17 a worker may be of any role");
    assertRefused(
        "locked", "ALTER ROLE locked NOLOGIN", "role \"locked\" is not permitted to log in");
  }

  @Test
  void aRoleThatMayNotConnectAnyMoreRunsNoJob() {
    CLUSTER.execute("CREATE ROLE banned LOGIN IN ROLE steep_repl_operator");
    CLUSTER.execute("GRANT CONNECT ON DATABASE postgres TO banned, anna, ben");
    CLUSTER.execute("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
    assertRefused(
        "banned",
        "REVOKE CONNECT ON DATABASE postgres FROM banned",
        "role \"banned\" has no CONNECT privilege for database \"postgres\"");
    CLUSTER.execute("GRANT CONNECT ON DATABASE postgres TO PUBLIC");
  }

  private static void assertRefused(String role, String measure, String reason) {
    long running = TRIALS.queue("anna", script(note("begun"), LONG));
    TRIALS.awaitEffect(running, "begun");
    long first = TRIALS.queue(role, note("done"));
    long second = TRIALS.queue(role, note("done"));
    long next = TRIALS.queue("ben", note("done"));
    CLUSTER.execute(measure);

    assertThat(TRIALS.cancel("anna", running)).isTrue();
    TRIALS.await(next, "complete");
    for (long job : List.of(first, second)) {
      assertThat(TRIALS.status(job)).isEqualTo("failed");
      assertThat(TRIALS.error(job)).contains(reason);
      assertThat(TRIALS.effects(job)).isEmpty();
    }
  }
}
