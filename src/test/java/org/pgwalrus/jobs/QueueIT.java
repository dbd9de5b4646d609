package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.jobs.TrialCluster.SOON;
import static org.pgwalrus.jobs.TrialCluster.note;
import static org.pgwalrus.jobs.TrialCluster.script;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** What is queued runs: all of it, once, in order, and nobody has to wait for it. */
class QueueIT {

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
  }

  @Test
  @Tag("smoke")
  void aJobOutlivesTheSessionThatQueuedIt() {
    long job = TRIALS.queue("anna", script(note("begun"), "sql SELECT pg_sleep(1)", note("done")));

    TRIALS.awaitEffect(job, "begun");
    assertThat(
            CLUSTER.value(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'anna'"
                    + " AND backend_type = 'client backend'"))
        .isEqualTo("0");
    TRIALS.await(job, "complete");
    assertThat(TRIALS.effects(job)).containsExactly("begun", "done");
    assertThat(TRIALS.of(job, "attempts || ' ' || needs_undo")).isEqualTo("1 false");
  }

  @Test
  void aKilledClientTakesNoJobWithIt() throws SQLException {
    try (Connection client = CLUSTER.connect("anna")) {
      long job = TrialCluster.queue(client, script(note("begun"), "busy 1", note("done")), "");
      TRIALS.awaitEffect(job, "begun");
      client.abort(Runnable::run);

      TRIALS.await(job, "complete");
      assertThat(TRIALS.effects(job)).containsExactly("begun", "done");
    }
  }

  /** SC-007: at any moment after its commit. */
  @Test
  void twentyKilledClientsTakeNoJobWithThem() throws SQLException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Long> jobs = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      try (Connection client = CLUSTER.connect("anna")) {
        jobs.add(TrialCluster.queue(client, script(note("begun"), note("done")), ""));
        Wait.sleep(Duration.ofMillis(random.nextInt(60)));
        client.abort(Runnable::run);
      }
    }
    for (long job : jobs) {
      TRIALS.await(job, "complete");
      assertThat(TRIALS.effects(job)).as("seed %d", seed).containsExactly("begun", "done");
    }
  }

  @Test
  void whatIsRolledBackIsNotQueued() throws SQLException {
    try (Connection session = CLUSTER.connect("anna")) {
      session.setAutoCommit(false);
      long rolledBack = TrialCluster.queue(session, note("rolled back"), "");
      session.rollback();

      Savepoint savepoint = session.setSavepoint();
      long undone = TrialCluster.queue(session, note("undone"), "");
      session.rollback(savepoint);
      long kept = TrialCluster.queue(session, note("kept"), "");
      assertThat(TRIALS.status(kept)).as("not seen before the commit").isEqualTo("null");
      session.commit();

      TRIALS.await(kept, "complete");
      assertThat(TRIALS.status(rolledBack)).isEqualTo("null");
      assertThat(TRIALS.status(undone)).isEqualTo("null");
      assertThat(
              CLUSTER.column(
                  "SELECT job FROM effects WHERE job IN ("
                      + String.join(", ", List.of("" + rolledBack, "" + undone, "" + kept))
                      + ")"))
          .containsExactly("" + kept);
    }
  }

  @Test
  void jobsOfAllRolesRunOneAfterAnotherTheOldestFirst() {
    String work = script(note("begin"), "sql SELECT pg_sleep(0.2)", note("end"));
    long first = TRIALS.queue("anna", work);
    long second = TRIALS.queue("ben", work);
    long third = TRIALS.queue("anna", work);
    long fourth = TRIALS.queue("anna", work);

    TRIALS.await(fourth, "complete");
    assertThat(
            CLUSTER.column(
                "SELECT job || ' ' || role || ' ' || what FROM effects WHERE job >= "
                    + first
                    + " ORDER BY at"))
        .containsExactly(
            first + " anna begin", first + " anna end",
            second + " ben begin", second + " ben end",
            third + " anna begin", third + " anna end",
            fourth + " anna begin", fourth + " anna end");
    assertThat(TRIALS.worker(third)).as("one worker for both").isEqualTo(TRIALS.worker(fourth));
  }

  @Test
  void twoDatabasesDoNotWaitForEachOther() throws SQLException {
    CLUSTER.execute("CREATE DATABASE other");
    TRIALS.install("other");
    long here = TRIALS.queue("anna", script(note("begun"), "sql SELECT pg_sleep(600)"));
    TRIALS.awaitEffect(here, "begun");

    try (Connection session = CLUSTER.connect("anna", "other")) {
      long there = TrialCluster.queue(session, note("done"), "");
      Wait.until(
          () -> "the job in the other database has not run\n" + CLUSTER.log(),
          SOON,
          () ->
              "complete"
                  .equals(
                      Databases.value(
                          CLUSTER,
                          "other",
                          "SELECT status FROM steep_repl.work_queue WHERE id = " + there)));
    }
    assertThat(Databases.value(CLUSTER, "other", "SELECT string_agg(what, ' ') FROM effects"))
        .isEqualTo("done");
    assertThat(TRIALS.status(here)).isEqualTo("running");
    assertThat(TRIALS.cancel("anna", here)).isTrue();
    TRIALS.await(here, "cancelled");
  }

  @Test
  void asManyRunAtOnceAsTheDatabaseMay() {
    CLUSTER.alterSystem("steep_repl.max_concurrent_operations", "2").reload();
    String work = script(note("begun"), "sql SELECT pg_sleep(600)");
    long first = TRIALS.queue("anna", work);
    long second = TRIALS.queue("anna", work);
    long third = TRIALS.queue("ben", note("done"));

    TRIALS.awaitEffect(first, "begun");
    TRIALS.awaitEffect(second, "begun");
    assertThat(TRIALS.status(third)).isEqualTo("pending");
    assertThat(TRIALS.worker(first)).isNotEqualTo(TRIALS.worker(second));

    assertThat(TRIALS.cancel("anna", first)).isTrue();
    TRIALS.await(third, "complete");
    assertThat(TRIALS.status(second)).isEqualTo("running");
    assertThat(TRIALS.cancel("anna", second)).isTrue();
    TRIALS.await(second, "cancelled");
    CLUSTER.execute("ALTER SYSTEM RESET steep_repl.max_concurrent_operations");
    CLUSTER.reload();
  }

  /** E-1. */
  @Test
  void aFailedJobCanBeRetried() throws SQLException {
    CLUSTER.execute("CREATE TABLE broken (is_broken boolean)");
    CLUSTER.execute("GRANT SELECT ON broken TO anna; INSERT INTO broken VALUES (true)");
    long job =
        TRIALS.queue(
            "anna",
            script(
                note("tried"),
                "sql SELECT 1 / CASE WHEN is_broken THEN 0 ELSE 1 END FROM public.broken"),
            note("undone"));
    TRIALS.await(job, "failed");
    assertThat(TRIALS.error(job)).isEqualTo("division by zero (SQLSTATE 22012)");
    CLUSTER.execute("UPDATE broken SET is_broken = false");

    long again;
    try (Connection session = CLUSTER.connect("anna");
        Statement statement = session.createStatement();
        var rows =
            statement.executeQuery("SELECT id FROM steep_repl.retry_operation(" + job + ")")) {
      assertThat(rows.next()).isTrue();
      again = rows.getLong(1);
    }

    TRIALS.await(again, "complete");
    assertThat(TRIALS.of(again, "retry_of")).isEqualTo("" + job);
    assertThat(TRIALS.effects(again)).containsExactly("tried");
    assertThat(TRIALS.effects(job)).containsExactly("tried", "undone");
    assertThat(TRIALS.status(job)).as("what has failed stays so").isEqualTo("failed");
  }

  /** E-4. */
  @Test
  void aRoleWithoutThePrivilegeQueuesNothing() {
    CLUSTER.execute("CREATE ROLE carl LOGIN");
    String before = CLUSTER.value("SELECT count(*) FROM steep_repl.work_queue");

    assertThat(
            CLUSTER
                .error("carl", "SELECT steep_repl.enqueue('trial', NULL, NULL, '{}', NULL)")
                .getSQLState())
        .isEqualTo("42501");
    assertThat(CLUSTER.value("SELECT count(*) FROM steep_repl.work_queue")).isEqualTo(before);
  }

  /** The worker is gone, and what it left cannot be written down yet. */
  @Test
  void aRowThatSomebodyHoldsDoesNotHoldUpTheQueue() throws SQLException {
    long job = TRIALS.queue("anna", script(note("begun"), "sql SELECT pg_sleep(1)", "exit 1"), "");
    long next = TRIALS.queue("ben", note("done"));
    TRIALS.awaitEffect(job, "begun");
    try (Connection holder = CLUSTER.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT FROM steep_repl.work_queue WHERE id = " + job + " FOR UPDATE");
      TRIALS.await(next, "complete");
      assertThat(TRIALS.status(job)).isEqualTo("running");
      holder.rollback();
    }
    TRIALS.await(job, "failed", TrialCluster.RECOVERY);
  }

  /** An open transaction that has cancelled a job, and may yet be rolled back. */
  @Test
  void aPendingJobThatSomebodyHoldsDoesNotHoldUpThoseBehindIt() throws SQLException {
    long first = TRIALS.queue("anna", script(note("begun"), "busy 2"));
    TRIALS.awaitEffect(first, "begun");
    long held = TRIALS.queue("anna", note("done"));
    long next = TRIALS.queue("ben", note("done"));
    try (Connection holder = CLUSTER.connect("anna");
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT steep_repl.cancel_operation(" + held + ")");
      TRIALS.await(next, "complete");
      assertThat(TRIALS.status(held)).isEqualTo("pending");
      holder.rollback();
    }
    TRIALS.await(held, "complete");
  }

  /** The numbers of jobs begin anew with a new extension, those in shared memory are still old. */
  @Test
  void anOlderJobOfTheSameNumberDoesNotPassForTheNewOne() throws SQLException {
    CLUSTER.execute("CREATE DATABASE again");
    for (String text : List.of("first", "second")) {
      Databases.execute(CLUSTER, "again", "DROP EXTENSION IF EXISTS steep_repl");
      Databases.execute(CLUSTER, "again", "DROP TABLE IF EXISTS public.effects");
      TRIALS.install("again");
      try (Connection session = CLUSTER.connect("postgres", "again")) {
        assertThat(TrialCluster.queue(session, "throw " + text, "")).isEqualTo(1);
      }
      assertThat(
              Databases.value(
                  CLUSTER, "again", "SELECT error_message FROM steep_repl.wait_operation(1, 40)"))
          .contains(text);
      Wait.until(
          () -> "not one job that has ended in shared memory\n" + CLUSTER.log(),
          SOON,
          () ->
              String.valueOf(
                      Databases.value(
                          CLUSTER,
                          "again",
                          "SELECT string_agg(error_message, '|')"
                              + " FROM steep_repl.operation_progress(1)"))
                  .matches("[^|]*" + text + "[^|]*"));
    }
  }

  @Test
  void theEndIsWrittenWhenNobodyHoldsTheRowAnyMore() throws SQLException {
    long job = TRIALS.queue("anna", script(note("begun"), "busy 1", note("done")));
    TRIALS.awaitEffect(job, "begun");
    try (Connection holder = CLUSTER.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT FROM steep_repl.work_queue WHERE id = " + job + " FOR UPDATE");
      TRIALS.awaitEffect(job, "done");
      Wait.until(
          () -> "the worker does not wait for the row\n" + CLUSTER.log(),
          SOON,
          () ->
              "Lock"
                  .equals(
                      CLUSTER.value(
                          "SELECT wait_event_type FROM pg_stat_activity WHERE pid = "
                              + TRIALS.worker(job))));
      assertThat(TRIALS.status(job)).isEqualTo("running");
      holder.rollback();
    }
    TRIALS.await(job, "complete");
    assertThat(TRIALS.effects(job)).containsExactly("begun", "done");
  }
}
