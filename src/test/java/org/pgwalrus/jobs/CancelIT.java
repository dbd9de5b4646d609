package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.jobs.TrialCluster.CANCEL;
import static org.pgwalrus.jobs.TrialCluster.SOON;
import static org.pgwalrus.jobs.TrialCluster.note;
import static org.pgwalrus.jobs.TrialCluster.script;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** A cancel ends the job that it is for, soon, and no other. */
class CancelIT {

  private static final String LONG = "sql SELECT pg_sleep(600)";
  private static final int TINY_JOBS = 300;

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
  void aLongStatementIsCancelled() {
    long job = queueAndAwaitBegin(LONG);
    long next = TRIALS.queue("anna", note("done"));

    assertThat(TRIALS.cancel("anna", job)).isTrue();

    TRIALS.await(job, "cancelled", CANCEL);
    assertThat(TRIALS.effects(job)).containsExactly("begun", "undone");
    assertThat(TRIALS.of(job, "cancel_requested || ' ' || needs_undo || ' ' || undo_attempts"))
        .isEqualTo("true false 0");
    TRIALS.await(next, "complete");
  }

  @Test
  void aLoopInJavaIsCancelled() {
    long job = queueAndAwaitBegin("busy 600");

    assertThat(TRIALS.cancel("anna", job)).isTrue();

    TRIALS.await(job, "cancelled", CANCEL);
    assertThat(TRIALS.effects(job)).containsExactly("begun", "undone");
  }

  @Test
  void aJobThatWaitsIsCancelledAtOnce() {
    long running = queueAndAwaitBegin(LONG);
    long waiting = TRIALS.queue("anna", note("done"), note("undone"));

    assertThat(TRIALS.cancel("anna", waiting)).isTrue();

    assertThat(TRIALS.status(waiting)).isEqualTo("cancelled");
    assertThat(TRIALS.cancel("anna", running)).isTrue();
    TRIALS.await(running, "cancelled", CANCEL);
    long later = TRIALS.queue("anna", note("done"));
    TRIALS.await(later, "complete");
    assertThat(TRIALS.status(waiting)).isEqualTo("cancelled");
    assertThat(TRIALS.effects(waiting)).as("it never ran").isEmpty();
  }

  @Test
  void whatHasEndedOrNeverWasCannotBeCancelled() {
    long complete = TRIALS.queue("anna", note("done"));
    long failed = TRIALS.queue("anna", "throw it");
    TRIALS.await(failed, "failed");
    long cancelled = queueAndAwaitBegin(LONG);
    assertThat(TRIALS.cancel("anna", cancelled)).isTrue();
    TRIALS.await(cancelled, "cancelled", CANCEL);

    for (long job : List.of(complete, failed, cancelled, Long.MAX_VALUE, 0L, -1L)) {
      assertThat(TRIALS.cancel("anna", job)).as("job %d", job).isFalse();
    }
    assertThat(TRIALS.status(complete)).isEqualTo("complete");
    assertThat(TRIALS.status(failed)).isEqualTo("failed");
  }

  @Test
  void theServersOwnCancelDoesTheSame() {
    for (String script : List.of(LONG, "busy 600")) {
      long job = queueAndAwaitBegin(script);

      assertThat(CLUSTER.value("SELECT pg_cancel_backend(" + TRIALS.worker(job) + ")"))
          .isEqualTo("t");

      TRIALS.await(job, "cancelled", CANCEL);
      assertThat(TRIALS.effects(job)).containsExactly("begun", "undone");
    }
  }

  @Test
  void aCancelThatIsRolledBackDoesNothing() throws SQLException {
    long job = queueAndAwaitBegin("busy 2");
    try (Connection session = CLUSTER.connect("anna")) {
      session.setAutoCommit(false);
      cancelIn(session, job);
      session.rollback();
      Savepoint savepoint = session.setSavepoint();
      cancelIn(session, job);
      session.rollback(savepoint);
      session.commit();
    }
    TRIALS.await(job, "complete");
    assertThat(TRIALS.of(job, "cancel_requested")).isEqualTo("f");
  }

  @Test
  void aCancelInASubtransactionCountsWithTheCommit() throws SQLException {
    long job = queueAndAwaitBegin(LONG);
    try (Connection session = CLUSTER.connect("anna");
        Statement statement = session.createStatement()) {
      session.setAutoCommit(false);
      statement.execute("SAVEPOINT one");
      statement.execute("SAVEPOINT two");
      cancelIn(session, job);
      statement.execute("RELEASE two");
      statement.execute("RELEASE one");
      assertThat(TRIALS.status(job)).as("before the commit").isEqualTo("running");
      session.commit();
    }
    TRIALS.await(job, "cancelled", CANCEL);
  }

  /** The row of a job that waits, held by a cancel that is not committed. */
  @Test
  void aCancelThatWaitsForItsCommitKeepsNoWorkerBusy() throws SQLException {
    long before;
    try (Connection session = CLUSTER.connect("anna")) {
      session.setAutoCommit(false);
      long blocker = queueAndAwaitBegin("sql SELECT pg_sleep(1)");
      long held = TRIALS.queue("anna", note("done"));
      cancelIn(session, held);
      before = workersStarted();
      TRIALS.await(blocker, "complete");
      Wait.sleep(Duration.ofSeconds(3));
      assertThat(workersStarted() - before).as("workers for nothing").isLessThan(6);
      session.rollback();
      TRIALS.await(held, "complete");
    }
  }

  /** A lock holds the worker up while it takes the job. */
  @ParameterizedTest
  @ValueSource(strings = {"pg_cancel_backend", "pg_terminate_backend"})
  void aSignalBetweenJobsIsForNone(String signal) throws SQLException {
    CLUSTER.execute(
        "CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS"
            + " $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;"
            + "CREATE TRIGGER hold BEFORE UPDATE ON steep_repl.work_queue FOR EACH ROW"
            + " WHEN (OLD.status = 'pending' AND NEW.status = 'running')"
            + " EXECUTE FUNCTION public.hold()");
    try (Connection holder = CLUSTER.connect();
        Statement statement = holder.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(1)");
      long job = TRIALS.queue("anna", note("done"), note("undone"));
      Wait.until(
          () -> "no worker waits for the lock\n" + CLUSTER.log(),
          SOON,
          () ->
              CLUSTER
                  .column(
                      "SELECT "
                          + signal
                          + "(pid) FROM pg_stat_activity"
                          + " WHERE backend_type = 'steep_repl job' AND wait_event = 'advisory'")
                  .contains("t"));
      statement.execute("SELECT pg_advisory_unlock(1)");

      TRIALS.await(job, "complete");
      assertThat(TRIALS.effects(job)).containsExactly("done");
    } finally {
      CLUSTER.execute("DROP FUNCTION public.hold() CASCADE");
    }
  }

  @Test
  void othersMayNotCancel() {
    long job = queueAndAwaitBegin(LONG);
    assertThat(
            CLUSTER.error("ben", "SELECT steep_repl.cancel_operation(" + job + ")").getSQLState())
        .isEqualTo("42501");
    assertThat(TRIALS.status(job)).isEqualTo("running");
    assertThat(TRIALS.cancel("postgres", job)).isTrue();
    TRIALS.await(job, "cancelled", CANCEL);
  }

  /** Each of many tiny jobs of one worker is cancelled as late as can be. */
  @Tag("long")
  @Test
  void aCancelNeverHitsTheNextJobOfTheWorker() throws SQLException {
    List<Long> jobs = new ArrayList<>();
    try (Connection session = CLUSTER.connect("anna");
        Statement statement = session.createStatement()) {
      session.setAutoCommit(false);
      for (int i = 0; i < TINY_JOBS; i++) {
        jobs.add(TrialCluster.queue(session, note("done"), note("undone")));
      }
      session.commit();
      session.setAutoCommit(true);
      // Of every second one, when it runs.
      for (int i = 0; i < TINY_JOBS; i += 2) {
        awaitClaimed(statement, jobs.get(i));
        cancelIn(session, jobs.get(i));
      }
    }
    TRIALS.await(jobs.getLast(), "complete");

    for (int i = 1; i < TINY_JOBS; i += 2) {
      long spared = jobs.get(i);
      assertThat(TRIALS.status(spared))
          .as("job %d, error %s", spared, TRIALS.error(spared))
          .isEqualTo("complete");
      assertThat(TRIALS.effects(spared)).containsExactly("done");
    }
    int cancelled = 0;
    for (int i = 0; i < TINY_JOBS; i += 2) {
      long hunted = jobs.get(i);
      assertThat(TRIALS.status(hunted)).isIn("complete", "cancelled");
      boolean wasCancelled = TRIALS.status(hunted).equals("cancelled");
      cancelled += wasCancelled ? 1 : 0;
      assertThat(TRIALS.effects(hunted).contains("undone")).isEqualTo(wasCancelled);
    }
    System.out.println("cancelled while they ran: " + cancelled + " of " + TINY_JOBS / 2);
  }

  @Test
  void aTerminatedWorkerFailsItsJobAndNoOther() {
    for (String script : List.of(LONG, "busy 600")) {
      long job = queueAndAwaitBegin(script);
      long next = TRIALS.queue("anna", note("done"));
      long others = TRIALS.queue("ben", note("done"));
      long last = TRIALS.queue("anna", note("done"));
      long worker = TRIALS.worker(job);

      assertThat(CLUSTER.value("SELECT pg_terminate_backend(" + worker + ")")).isEqualTo("t");

      TRIALS.await(job, "failed", CANCEL);
      assertThat(TRIALS.error(job)).contains("terminated by an administrator");
      for (long waiting : List.of(next, others, last)) {
        TRIALS.await(waiting, "complete");
        assertThat(TRIALS.worker(waiting)).isNotEqualTo(worker);
      }
      assertThat(TRIALS.effects(job)).containsExactly("begun", "undone");
      assertThat(TRIALS.of(job, "needs_undo")).isEqualTo("f");
    }
  }

  private static long queueAndAwaitBegin(String script) {
    long job = TRIALS.queue("anna", script(note("begun"), script, note("done")), note("undone"));
    TRIALS.awaitEffect(job, "begun");
    return job;
  }

  private static void cancelIn(Connection session, long job) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute("SELECT steep_repl.cancel_operation(" + job + ")");
    }
  }

  private static long workersStarted() {
    return CLUSTER.logCount("registering background worker \"steep_repl job\"");
  }

  private static void awaitClaimed(Statement statement, long job) throws SQLException {
    long deadline = System.nanoTime() + SOON.toNanos();
    boolean pending = true;
    while (pending) {
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT status = 'pending' FROM steep_repl.work_queue WHERE id = " + job)) {
        pending = rows.next() && rows.getBoolean(1);
      }
      assertThat(System.nanoTime()).as("job %d does not begin", job).isLessThan(deadline);
    }
  }
}
