package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** When workers are started, and when not. */
class LauncherIT {

  private static final String NO_WORKER =
      "LOG:  steep_repl: no background worker is free, jobs wait";
  private static final String NO_JVM = "WARNING:  steep_repl: could not start the JVM of a job: ";

  /** It hardly ever looks by itself: what happens soon has been told to it. */
  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster =
        ProgressKinds.cluster()
            .set("steep_repl.naptime", "60s")
            .set("steep_repl.discovery_interval", "1h")
            .start();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static long launcher(TestCluster cluster) {
    String pid =
        cluster.value(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'steep_repl launcher'");
    return pid == null ? 0 : Long.parseLong(pid);
  }

  private static void awaitIdle(TestCluster cluster) {
    Wait.until(
        () -> "workers are left\n" + cluster.log(),
        JobQueue.SOON,
        () ->
            "0"
                .equals(
                    cluster.value(
                        "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE"
                            + " 'steep_repl%' AND backend_type <> 'steep_repl launcher'")));
  }

  @Test
  void aJobStartsAtOnceAndNothingIsLeftWhenItHasEnded() {
    try (TestCluster own = ProgressKinds.cluster().set("steep_repl.naptime", "60s").start()) {
      JobQueue queue = JobQueue.install(own, "postgres");
      awaitIdle(own);
      long launcher = launcher(own);
      assertThat(own.value("SELECT datname IS NULL FROM pg_stat_activity WHERE pid = " + launcher))
          .isEqualTo("t");

      for (int i = 0; i < 2; i++) {
        long id = queue.queueGated();
        queue.await(id, "complete");
        assertThat(Double.parseDouble(queue.of(id, "extract(epoch FROM started_at - created_at)")))
            .as("seconds until it started, with its JVM")
            .isLessThan(10);
        awaitIdle(own);
      }
      assertThat(launcher(own)).isEqualTo(launcher);
      assertThat(Processes.hasMapped(launcher, "libjvm.so")).isFalse();
      assertThat(own.value("SELECT count(*) FROM pg_locks WHERE pid = " + launcher)).isEqualTo("0");
    }
  }

  @Test
  void limitsHoldForADatabaseAndForTheCluster() throws SQLException {
    JobQueue one = JobQueue.create(cluster, "limit_one");
    JobQueue other = JobQueue.create(cluster, "limit_other");
    try (Gate _ = Gate.shut(one);
        Gate _ = Gate.shut(other)) {
      long first = one.queueGated();
      one.awaitGate(first);
      long second = one.queueGated();
      long third = one.queueGated();
      long elsewhere = other.queueGated();
      other.awaitGate(elsewhere);
      assertThat(one.of(second, "status")).as("one at a time").isEqualTo("pending");

      cluster.alterSystem("steep_repl.max_concurrent_operations", "3");
      cluster.alterSystem("steep_repl.max_operations", "3");
      cluster.reload();
      one.awaitGate(second);
      Wait.sleep(Duration.ofSeconds(2));
      assertThat(one.of(third, "status")).as("three in the cluster").isEqualTo("pending");

      cluster.alterSystem("steep_repl.max_operations", "4");
      cluster.reload();
      one.awaitGate(third);
    } finally {
      cluster.execute("ALTER SYSTEM RESET ALL");
      cluster.reload();
    }
    for (long id = 1; id <= 3; id++) {
      one.await(id, "complete");
    }
  }

  @Test
  void aLauncherThatWasEndedComesBackAndNoJobNotices() throws SQLException {
    try (TestCluster own = ProgressKinds.cluster().start()) {
      JobQueue queue = JobQueue.install(own, "postgres");
      JobQueue other = JobQueue.create(own, "other");
      long launcher = launcher(own);
      long running;
      long waiting;
      long elsewhere;
      try (Gate _ = Gate.shut(queue)) {
        running = queue.queueGated();
        queue.awaitGate(running);
        waiting = queue.queueGated();
        own.execute("SELECT pg_terminate_backend(" + launcher + ")");
        Wait.until("no launcher", JobQueue.SOON, () -> launcher(own) != launcher);
        elsewhere = other.queueGated();
        Wait.until(
            "a new launcher", JobQueue.SOON, () -> launcher(own) != 0 && launcher(own) != launcher);
        other.await(elsewhere, "complete");
        assertThat(queue.of(running, "status")).isEqualTo("running");
        assertThat(queue.of(waiting, "status")).isEqualTo("pending");
      }
      queue.await(running, "complete");
      queue.await(waiting, "complete");
      assertThat(own.crashRestarts()).isZero();
    }
  }

  /** One place for a worker that is started on demand. */
  @Test
  void withoutAPlaceForAWorkerAJobWaits() throws SQLException {
    try (TestCluster own =
        ProgressKinds.cluster()
            .set("max_logical_replication_workers", "0")
            .set("max_worker_processes", "3")
            .start()) {
      JobQueue one = JobQueue.install(own, "postgres");
      JobQueue other = JobQueue.create(own, "other");
      awaitIdle(own);
      long first;
      long second;
      try (Gate _ = Gate.shut(one)) {
        first = one.queueGated();
        one.awaitGate(first);
        int told = own.logCount(NO_WORKER);
        second = other.queueGated();
        own.awaitLog(NO_WORKER, told + 1, JobQueue.SOON);
        Wait.sleep(Duration.ofSeconds(3));
        assertThat(own.logCount(NO_WORKER)).as(own.log()).isEqualTo(told + 1);
        assertThat(other.of(second, "status")).isEqualTo("pending");
        assertThat(other.error("postgres", "SELECT steep_repl.launch_worker()").getSQLState())
            .isEqualTo("53400");
      }
      one.await(first, "complete");
      other.await(second, "complete");
    }
  }

  @Test
  void aJobWaitsForAJvmThatCannotBeFoundYet() {
    try (TestCluster own =
        ProgressKinds.cluster().set("walrus.libjvm", "/nowhere/libjvm.so").start()) {
      JobQueue queue = JobQueue.install(own, "postgres");
      assertThat(queue.value("SELECT status FROM steep_repl.health()")).isEqualTo("healthy");
      long id = queue.queueGated();
      own.awaitLog(NO_JVM, JobQueue.SOON);
      awaitIdle(own);
      for (int i = 0; i < 2; i++) {
        int ended = own.logCount("exited with exit code 1");
        own.reload();
        own.awaitLog("exited with exit code 1", ended + 1, JobQueue.SOON);
        awaitIdle(own);
      }

      assertThat(own.logCount(NO_JVM)).as("told once").isEqualTo(1);
      assertThat(queue.of(id, "status")).isEqualTo("pending");
      assertThat(
              queue.value(
                  "SELECT concat_ws(' ', status, queue_depth, background_worker_running,"
                      + " last_error) FROM steep_repl.health()"))
          .startsWith("degraded 1 t could not read \"/nowhere/libjvm.so\": ");
      assertThat(queue.of(id, "attempts")).isEqualTo("0");

      own.set("walrus.libjvm", "");
      own.restart();
      queue.await(id, "complete");
      assertThat(queue.value("SELECT concat_ws(' ', status, last_error) FROM steep_repl.health()"))
          .isEqualTo("healthy");
    }
  }
}
