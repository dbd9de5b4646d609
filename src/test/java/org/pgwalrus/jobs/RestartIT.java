package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.jobs.TrialCluster.RECOVERY;
import static org.pgwalrus.jobs.TrialCluster.SOON;
import static org.pgwalrus.jobs.TrialCluster.note;
import static org.pgwalrus.jobs.TrialCluster.script;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** Whatever ends a worker or its server: what ran has failed and is undone, what waited runs. */
class RestartIT {

  private static final String LONG = "sql SELECT pg_sleep(600)";

  /** What a job may hold up the shutdown of its server, and time to stop it without one. */
  private static final Duration SHUTDOWN = Duration.ofSeconds(5 + 3);

  private static final TrialCluster TRIALS = new TrialCluster().start();
  private static final TestCluster CLUSTER = TRIALS.cluster();

  @AfterAll
  static void close() {
    TRIALS.close();
  }

  /** Jobs before, in and after the middle of something. */
  private record Queue(long ended, long running, long waiting, long others) {

    static Queue of(String script) {
      long ended = TRIALS.queue("anna", note("done"), note("undone"));
      long running =
          TRIALS.queue("anna", script(note("begun"), script, note("done")), note("undone"));
      TRIALS.awaitEffect(running, "begun");
      long waiting = TRIALS.queue("anna", note("done"), note("undone"));
      long others = TRIALS.queue("ben", note("done"), note("undone"));
      return new Queue(ended, running, waiting, others);
    }

    void assertMended(TrialCluster trials) {
      trials.await(running, "failed", RECOVERY);
      trials.await(waiting, "complete");
      trials.await(others, "complete");
      trials.awaitEffect(running, "undone");
      trials.awaitQuiet();
      assertThat(trials.effects(running)).containsExactly("begun", "undone");
      assertThat(trials.of(running, "attempts || ' ' || needs_undo")).isEqualTo("1 false");
      for (long job : List.of(ended, waiting, others)) {
        assertThat(trials.effects(job)).containsExactly("done");
        assertThat(trials.status(job)).isEqualTo("complete");
        assertThat(trials.of(job, "attempts")).isEqualTo("1");
      }
      assertThat(trials.running()).isEmpty();
      assertThat(trials.cluster().value("SELECT steep_repl.jobs_status() ->> 'workers'"))
          .isEqualTo("[]");
      assertThat(trials.cluster().value("SELECT steep_repl.is_operation_active()")).isEqualTo("f");
    }
  }

  @Test
  @Tag("smoke")
  void aKilledWorker() {
    // The brake against crash loops counts the restarts since the server was started.
    CLUSTER.restart();
    Queue queue = Queue.of(LONG);
    long worker = TRIALS.worker(queue.running());

    TRIALS.crash(worker);

    queue.assertMended(TRIALS);
    assertThat(TRIALS.error(queue.running()))
        .isEqualTo(
            "the worker (pid "
                + worker
                + ") ended before the job did: server restart, crash or termination");
  }

  /** E-3. */
  @ParameterizedTest
  @CsvSource({"fast, busy 600", "fast, " + LONG, "immediate, busy 600", "immediate, " + LONG})
  void aRestartOfTheServer(String mode, String script) {
    Queue queue = Queue.of(script);

    long before = System.nanoTime();
    CLUSTER.stop(mode);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(SHUTDOWN);
    CLUSTER.start();

    queue.assertMended(TRIALS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"busy 600", LONG})
  void theDeathOfThePostmaster(String script) {
    Queue queue = Queue.of(script);
    long postmaster = CLUSTER.postmasterPid();
    List<ProcessHandle> children = ProcessHandle.of(postmaster).orElseThrow().children().toList();

    Processes.signal(postmaster, "KILL");
    Wait.until(
        "processes of the server live on",
        SOON,
        () -> children.stream().noneMatch(child -> Processes.isAlive(child.pid())));
    // The next one takes even the record of it for a server.
    Wait.until("nobody buries it", SOON, () -> ProcessHandle.of(postmaster).isEmpty());
    CLUSTER.start();

    queue.assertMended(TRIALS);
  }

  @Test
  void thePromotionOfAStandby() {
    try (TestCluster standby = TestCluster.standbyOf(CLUSTER)) {
      standby.start();
      Queue queue = Queue.of(LONG);
      TrialCluster promoted = new TrialCluster(standby);
      Wait.until(
          () -> "the standby lags\n" + standby.log(),
          SOON,
          () -> promoted.status(queue.others()).equals("pending"));
      assertThat(
              standby
                  .error(
                      "SELECT steep_repl.wake_worker();"
                          + " SELECT steep_repl.enqueue('trial', NULL, NULL, '{}', NULL)")
                  .getSQLState())
          .isEqualTo("25006");
      assertThat(promoted.status(queue.running())).isEqualTo("running");

      standby.promote();

      queue.assertMended(promoted);
      assertThat(TRIALS.status(queue.running())).as("on the old primary").isEqualTo("running");
      assertThat(TRIALS.cancel("anna", queue.running())).isTrue();
      TRIALS.await(queue.others(), "complete");
    }
  }

  /** The worker that undoes is killed too: the server restarts, and the next one undoes. */
  @Test
  void aWorkerKilledWhileItUndoes() {
    CLUSTER.restart();
    String sleepOnce =
        "sql SELECT pg_sleep(600) WHERE 1 = (SELECT count(*) FROM public.effects"
            + " WHERE job = $1::bigint AND what = 'undoing')";
    long job =
        TRIALS.queue(
            "anna",
            script(note("begun"), LONG),
            script(note("undoing"), sleepOnce, note("undone")));
    TRIALS.awaitEffect(job, "begun");
    TRIALS.crash(TRIALS.worker(job));

    TRIALS.awaitEffect(job, "undoing");
    TRIALS.crash(
        Long.parseLong(
            String.valueOf(
                CLUSTER.value(
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'steep_repl job'"))));

    TRIALS.awaitEffect(job, "undone");
    TRIALS.awaitQuiet();
    assertThat(TRIALS.effects(job)).containsExactly("begun", "undoing", "undoing", "undone");
    assertThat(TRIALS.status(job)).isEqualTo("failed");
    assertThat(TRIALS.of(job, "needs_undo || ' ' || undo_attempts")).isEqualTo("false 2");
    assertThat(TRIALS.running()).isEmpty();
  }

  /** The launcher comes back by itself, and finds the worker that it has started before. */
  @Test
  void theDeathOfTheLauncherHarmsNobody() {
    Queue queue = Queue.of("busy 1");
    assertThat(
            CLUSTER.value(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE backend_type = 'steep_repl launcher'"))
        .isEqualTo("t");
    for (long job : List.of(queue.running(), queue.waiting(), queue.others())) {
      TRIALS.await(job, "complete");
      assertThat(TRIALS.of(job, "attempts")).isEqualTo("1");
    }
    assertThat(TRIALS.effects(queue.running())).containsExactly("begun", "done");
    TRIALS.awaitQuiet();
  }
}
