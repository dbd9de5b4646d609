package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** What other sessions see of a job while it runs and afterwards, each test in its database. */
class ProgressIT {

  private static final String COUNTS =
      "concat_ws(' ', status, phase, overall_percent, tables_completed, tables_total,"
          + " rows_processed, rows_total, bytes_processed, bytes_total)";

  /** The functions that tell of "the" operation, null as "-". */
  private static final String THE_OPERATION =
      "SELECT concat_ws(' ', steep_repl.is_operation_active(), coalesce(steep_repl.get_progress_percent()::text, '-'),"
          + " coalesce(steep_repl.get_progress_phase(), '-'), coalesce(steep_repl.get_progress_current_table(), '-'),"
          + " coalesce(steep_repl.get_progress_error(), '-'),"
          + " CASE WHEN steep_repl.get_progress_throughput() IS NULL THEN '-' ELSE 'rate' END,"
          + " coalesce(steep_repl.get_progress_tables_completed()::text, '-'),"
          + " coalesce(steep_repl.get_progress_tables_total()::text, '-'),"
          + " coalesce(steep_repl.get_progress_rows_processed()::text, '-'),"
          + " coalesce(steep_repl.get_progress_rows_total()::text, '-'),"
          + " coalesce(steep_repl.get_progress_bytes_processed()::text, '-'),"
          + " coalesce(steep_repl.get_progress_bytes_total()::text, '-'),"
          + " coalesce(steep_repl.get_progress_operation_type(), '-'))";

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = ProgressKinds.cluster().set("steep_repl.max_operations", "16").start();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String theOperation(JobQueue queue) {
    return String.valueOf(queue.value(THE_OPERATION));
  }

  @Test
  void whereNoJobHasRunThereIsNothing() {
    JobQueue queue = JobQueue.create(cluster, "nothing");

    assertThat(queue.column("postgres", "SELECT * FROM steep_repl.operation_progress()")).isEmpty();
    assertThat(queue.value("SELECT steep_repl.get_progress() IS NULL")).isEqualTo("t");
  }

  @Test
  void aJobIsSeenWhereItStandsAndHowItEnded() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "gated");
    long id;
    try (Gate _ = Gate.shut(queue)) {
      id = queue.queueGated();
      queue.awaitGate(id);

      assertThat(queue.live(id, COUNTS)).isEqualTo("running data 36 4 10 400 1000 4000 10000");
      assertThat(queue.live(id, "current_table")).isEqualTo("public.t4");
      assertThat(queue.live(id, "concat_ws(' ', operation_type, operation_id, work_queue_id)"))
          .isEqualTo("trial_gate " + id + " " + id);
      assertThat(queue.live(id, "concat_ws(' ', database, is_stale, ended_at IS NULL)"))
          .isEqualTo("gated f t");
      assertThat(queue.live(id, "pid")).isEqualTo(queue.of(id, "worker_pid"));
      assertThat(queue.live(id, "started_at <= updated_at")).isEqualTo("t");
      assertThat(queue.of(id, "status")).isEqualTo("running");
    }
    queue.await(id, "complete");
    Wait.until("the end is shown", JobQueue.SOON, () -> queue.live(id, "phase").equals("complete"));

    assertThat(queue.live(id, COUNTS))
        .isEqualTo("complete complete 100 10 10 1000 1000 10000 10000");
    assertThat(queue.live(id, "concat_ws(' ', is_stale, ended_at >= updated_at)")).isEqualTo("f t");
    assertThat(queue.live(id, "eta_seconds")).isEqualTo("null");
  }

  @Test
  void theOperationIsTheOneThatRunsElseTheLastOne() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "last");
    long failed = queue.queue("trial_fail", "{\"message\": \"no room\", \"times\": 1}");
    queue.await(failed, "failed");
    Wait.until("failed", JobQueue.SOON, () -> queue.live(failed, "phase").equals("failed"));
    assertThat(theOperation(queue)).isEqualTo("f - failed - no room - 0 0 0 0 0 0 trial_fail");

    long running;
    try (Gate _ = Gate.shut(queue)) {
      running = queue.queueGated();
      queue.awaitGate(running);
      assertThat(theOperation(queue))
          .isEqualTo("t 36 data public.t4 - rate 4 10 400 1000 4000 10000 trial_gate");
      assertThat(queue.value("SELECT (steep_repl.get_progress()).work_queue_id"))
          .isEqualTo(String.valueOf(running));
    }
    Wait.until("complete", JobQueue.SOON, () -> queue.live(running, "phase").equals("complete"));
    assertThat(theOperation(queue))
        .isEqualTo("f 100 complete - - - 10 10 1000 1000 10000 10000 trial_gate");

    long cancelled;
    try (Gate _ = Gate.shut(queue)) {
      cancelled = queue.queueGated();
      queue.awaitGate(cancelled);
      queue.execute("SELECT steep_repl.cancel_operation(" + cancelled + ")");
      Wait.until("gone", JobQueue.SOON, () -> queue.live(cancelled, "phase").equals("cancelled"));
    }
    assertThat(theOperation(queue)).isEqualTo("f - - - - - 4 10 400 1000 4000 10000 trial_gate");
  }

  @Test
  void whatAJobShowsIsSeenWithinASecond() {
    JobQueue queue = JobQueue.create(cluster, "prompt");
    long id = queue.queue("trial_pace", "{\"steps\": 40, \"millis\": 100}");
    Wait.until("running", JobQueue.SOON, () -> !queue.live(id, "tables_completed").equals("null"));
    List<Double> ages = new ArrayList<>();
    while (queue.live(id, "status").equals("running")) {
      ages.add(
          Double.valueOf(queue.live(id, "extract(epoch FROM clock_timestamp() - updated_at)")));
      Wait.sleep(Duration.ofMillis(20));
    }
    ages.removeLast();
    ages.sort(null);

    assertThat(ages).hasSizeGreaterThan(10);
    assertThat(ages.get(ages.size() * 9 / 10)).as("age of what is shown: " + ages).isLessThan(1);
  }

  @Test
  void aCaptureOfManySchemasCountsItsTablesAndNeverGoesBack() {
    JobQueue queue = JobQueue.create(cluster, "schemas");
    queue.execute(
        "DO $$ BEGIN FOR i IN 1..60 LOOP EXECUTE format('CREATE SCHEMA s%s; CREATE TABLE s%s.a();"
            + " CREATE TABLE s%s.b(x int); CREATE TABLE s%s.c(y text)', i, i, i, i); END LOOP; END"
            + " $$");
    long id =
        Long.parseLong(String.valueOf(queue.value("SELECT (steep_repl.start_capture('n')).id")));
    List<Double> percents = new ArrayList<>();
    List<String> tables = new ArrayList<>();
    Wait.until(
        "complete",
        JobQueue.SOON,
        () -> {
          String percent = queue.live(id, "overall_percent");
          if (!percent.equals("null")) {
            percents.add(Double.valueOf(percent));
            tables.add(queue.live(id, "tables_completed || ' of ' || tables_total"));
          }
          return queue.live(id, "phase").equals("complete");
        });

    assertThat(percents).isSorted().allMatch(percent -> percent >= 0 && percent <= 100);
    assertThat(queue.live(id, COUNTS)).startsWith("complete complete 100 180 180 ");
    // The last look of the loop may have come just before the end.
    assertThat(tables.getLast()).endsWith(" of 180");
    assertThat(queue.value("SELECT count(*) FROM steep_repl.schema_fingerprints")).isEqualTo("180");
  }

  @Test
  void jobsOfOthersAreSeenByReadersOnly() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "others");
    for (String role : new String[] {"owner_of_job", "stranger", "reader", "heir"}) {
      queue.execute("CREATE ROLE " + role + " LOGIN");
    }
    queue.execute("GRANT steep_repl_operator TO owner_of_job");
    queue.execute("GRANT owner_of_job TO heir");
    queue.execute("GRANT steep_repl_reader TO reader");
    try (Gate _ = Gate.shut(queue)) {
      long id = queue.queueAs("owner_of_job", "trial_gate", "{}");
      // Whoever may queue is a reader, too.
      queue.execute("REVOKE steep_repl_operator FROM owner_of_job");
      queue.awaitGate(id);
      String waiting = String.valueOf(queue.queueGated());
      String own = String.valueOf(id);
      String[] views = {
        "SELECT work_queue_id FROM steep_repl.operation_progress()",
        "SELECT id FROM steep_repl.get_progress_work_queue_id() AS id WHERE id IS NOT NULL",
        "SELECT id FROM steep_repl.work_queue WHERE id <> " + waiting,
        "SELECT id FROM steep_repl.list_operations() WHERE id <> " + waiting
      };
      for (String view : views) {
        for (String role : new String[] {"owner_of_job", "heir", "reader", "postgres"}) {
          assertThat(queue.column(role, view)).as(role + ": " + view).containsExactly(own);
        }
        assertThat(queue.column("stranger", view)).as(view).isEmpty();
      }
      String all = "SELECT id FROM steep_repl.work_queue ORDER BY id";
      assertThat(queue.column("owner_of_job", all)).containsExactly(own);
      assertThat(queue.column("stranger", all)).isEmpty();
      assertThat(queue.column("reader", all)).containsExactly(own, waiting);
      assertThat(queue.column("stranger", "SELECT steep_repl.is_operation_active()"))
          .containsExactly("f");
    }
  }

  @Test
  void theTableIsWrittenWhenAPhaseBeginsAndAtTheEnd() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "written");
    String counts =
        "concat_ws(' ', progress ->> 'status', progress ->> 'phase',"
            + " progress ->> 'overall_percent', progress ->> 'tables_completed')";
    long id;
    try (Gate _ = Gate.shut(queue)) {
      id = queue.queueGated();
      queue.awaitGate(id);
      assertThat(queue.of(id, counts)).isEqualTo("running data 0 0");
    }
    queue.await(id, "complete");
    assertThat(queue.of(id, counts)).isEqualTo("complete complete 100 10");

    try (Gate _ = Gate.shut(queue)) {
      id = queue.queueGated();
      queue.awaitGate(id);
      queue.execute("SELECT steep_repl.cancel_operation(" + id + ")");
      queue.await(id, "cancelled");
    }
    assertThat(queue.of(id, counts)).isEqualTo("cancelled cancelled 36 4");
  }

  /** It cannot write down that it is done: another worker has to clean up after it. */
  @Test
  void theJobOfADeadWorkerEndsAndItsUndoShowsNothingOfItsOwn() {
    JobQueue queue = JobQueue.create(cluster, "dead");
    queue.execute("ALTER TABLE steep_repl.work_queue ADD CHECK (status <> 'complete')");
    long id = queue.queueGated();
    queue.await(id, "failed");
    Wait.until("undone", JobQueue.SOON, () -> queue.of(id, "needs_undo").equals("f"));
    cluster.awaitLog("job " + id + ": undone", JobQueue.SOON);
    Wait.until(
        "no worker",
        JobQueue.SOON,
        () ->
            "0"
                .equals(
                    queue.value(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = 'dead'"
                            + " AND backend_type LIKE 'steep_repl%'")));

    assertThat(
            queue.column(
                "postgres",
                "SELECT concat_ws(' ', work_queue_id, status, phase, is_stale,"
                    + " ended_at IS NOT NULL) FROM steep_repl.operation_progress()"))
        .containsExactly(id + " failed failed f t");
  }
}
