package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Crash;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/**
 * Whoever is killed, whenever: each job that was queued ends once, runs at most once, and has done
 * what its history says.
 */
class RandomKillIT {

  private static final int ROUNDS = 20;
  private static final int LONGEST_PAUSE_MILLIS = 1500;
  private static final Duration ALL_DONE = Duration.ofSeconds(90);

  /** A third crash restart within an hour makes the JVM suspect; a restart forgets them. */
  private static final int CRASHES_ALLOWED = 2;

  private static final String WORKERS =
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'steep_repl job'";

  private enum Victim {
    CLIENT,
    WORKER_TERM,
    WORKER_INT,
    WORKER_KILL,
    SERVER_FAST,
    SERVER_IMMEDIATE
  }

  private final long seed = Long.getLong("walrus.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<Victim, Integer> kills = new EnumMap<>(Victim.class);
  private int crashesBefore;

  @Test
  void everyJobEndsOnceAndHasDoneWhatItsHistorySays() throws SQLException {
    System.out.println("RandomKillIT: seed " + seed);
    try (TrialCluster trials = new TrialCluster().start()) {
      List<Long> queued = new ArrayList<>();
      try (JobStream annas = JobStream.start(trials.cluster(), "anna");
          JobStream bens = JobStream.start(trials.cluster(), "ben")) {
        for (int round = 0; round < ROUNDS; round++) {
          Wait.sleep(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)));
          kill(trials.cluster(), random.nextBoolean() ? annas : bens);
        }
        Wait.until(
            "few jobs were queued",
            ALL_DONE,
            () -> annas.queued().size() + bens.queued().size() > ROUNDS);
        annas.stop();
        bens.stop();
        queued.addAll(annas.queued());
        queued.addAll(bens.queued());
      }
      awaitAllDone(trials);
      System.out.println(
          "RandomKillIT: killed "
              + kills
              + ", jobs "
              + trials
                  .cluster()
                  .column(
                      "SELECT status || ' ' || count(*) FROM steep_repl.work_queue GROUP BY status"
                          + " ORDER BY status"));
      assertTruthful(trials.cluster(), queued);
      assertThat(trials.running()).isEmpty();
    } catch (AssertionError e) {
      throw new AssertionError("with seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private void kill(TestCluster cluster, JobStream client) throws SQLException {
    Victim victim = Victim.values()[random.nextInt(Victim.values().length)];
    switch (victim) {
      case CLIENT -> client.kill();
      case WORKER_TERM -> interrupt(cluster, "pg_terminate_backend");
      case WORKER_INT -> interrupt(cluster, "pg_cancel_backend");
      case WORKER_KILL -> crash(cluster);
      case SERVER_FAST -> restart(cluster, "fast");
      case SERVER_IMMEDIATE -> restart(cluster, "immediate");
    }
    kills.merge(victim, 1, Integer::sum);
  }

  private void crash(TestCluster cluster) {
    if (cluster.crashRestarts() - crashesBefore >= CRASHES_ALLOWED) {
      restart(cluster, "fast");
    }
    Wait.sleep(Duration.ofMillis(random.nextInt(300)));
    Wait.until(
        () -> "no worker was killed\n" + cluster.log(),
        TrialCluster.SOON,
        () -> cluster.column(WORKERS).stream().limit(1).anyMatch(pid -> Crash.of(cluster, pid)));
  }

  private void interrupt(TestCluster cluster, String function) {
    Wait.sleep(Duration.ofMillis(random.nextInt(300)));
    Wait.until(
        () -> "no worker\n" + cluster.log(),
        TrialCluster.SOON,
        () ->
            cluster
                .column("SELECT " + function + "(w.pid) FROM (" + WORKERS + ") AS w")
                .contains("t"));
  }

  private void restart(TestCluster cluster, String mode) {
    cluster.stop(mode);
    cluster.start();
    crashesBefore = cluster.crashRestarts();
  }

  private static void awaitAllDone(TrialCluster trials) {
    Wait.until(
        () ->
            "jobs are left: "
                + trials
                    .cluster()
                    .column(
                        "SELECT concat_ws(' ', id, status, needs_undo, undo_attempts)"
                            + " FROM steep_repl.work_queue"
                            + " WHERE status IN ('pending', 'running') OR needs_undo")
                + "\n"
                + trials.cluster().log(),
        ALL_DONE,
        () ->
            "0"
                .equals(
                    trials
                        .cluster()
                        .value(
                            "SELECT count(*) FROM steep_repl.work_queue"
                                + " WHERE status IN ('pending', 'running')"
                                + " OR needs_undo AND undo_attempts < 3")));
    trials.awaitQuiet();
  }

  private static void assertTruthful(TestCluster cluster, List<Long> queued) throws SQLException {
    assertThat(queued).hasSizeGreaterThan(ROUNDS);
    assertThat(cluster.column("SELECT id FROM steep_repl.work_queue ORDER BY id"))
        .containsAll(queued.stream().map(String::valueOf).toList());
    try (Connection session = cluster.connect();
        Statement statement = session.createStatement();
        ResultSet jobs =
            statement.executeQuery(
                "SELECT w.id, w.status, w.attempts, w.error_message, w.needs_undo,"
                    + " (SELECT string_agg(e.what, ' ' ORDER BY e.at) FROM effects AS e"
                    + "   WHERE e.job = w.id AND e.what <> 'undone') AS steps,"
                    + " (SELECT count(*) FROM effects AS e"
                    + "   WHERE e.job = w.id AND e.what = 'undone') AS undone,"
                    + " (SELECT count(*) FROM steep_repl.audit_log AS a"
                    + "   WHERE a.target_id = w.id::text AND a.action = 'operation.started')"
                    + " AS starts,"
                    + " (SELECT string_agg(a.action, ' ') FROM steep_repl.audit_log AS a"
                    + "   WHERE a.target_id = w.id::text AND a.action IN ('operation.completed',"
                    + "   'operation.failed', 'operation.cancelled')) AS ends"
                    + " FROM steep_repl.work_queue AS w ORDER BY w.id")) {
      while (jobs.next()) {
        assertTruthful(cluster, jobs);
      }
    }
  }

  private static void assertTruthful(TestCluster cluster, ResultSet job) throws SQLException {
    String status = job.getString("status");
    String steps = job.getString("steps") == null ? "" : job.getString("steps");
    String what =
        "job "
            + job.getLong("id")
            + ", "
            + status
            + ", "
            + job.getString("error_message")
            + ", has done "
            + steps
            + ", undone "
            + job.getInt("undone");
    assertThat(job.getInt("attempts")).as(what).isEqualTo(1);
    assertThat(job.getInt("starts")).as(what).isEqualTo(1);
    assertThat(String.join(" ", JobStream.STEPS)).as(what).startsWith(steps);
    switch (status) {
      case "complete" -> {
        assertThat(steps).as(what).isEqualTo(String.join(" ", JobStream.STEPS));
        assertThat(job.getInt("undone")).as(what).isZero();
        assertThat(job.getString("ends")).as(what).isEqualTo("operation.completed");
      }
      case "failed" -> {
        assertThat(job.getString("error_message"))
            .as(what)
            .containsAnyOf("the worker was terminated by", "ended before the job did");
        assertThat(job.getInt("undone")).as(what).isPositive();
        assertThat(job.getString("ends")).as(what).isEqualTo("operation.failed");
      }
      case "cancelled" -> {
        assertThat(job.getInt("undone")).as(what).isPositive();
        assertThat(job.getString("ends")).as(what).isEqualTo("operation.cancelled");
      }
      default -> throw new AssertionError(what + "\n" + cluster.log());
    }
  }
}
