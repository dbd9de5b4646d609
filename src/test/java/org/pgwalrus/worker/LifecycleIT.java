package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** How the worker comes, stays and goes. */
@Execution(ExecutionMode.CONCURRENT)
class LifecycleIT {

  private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

  /** The restart interval with {@code checkpoint_timeout} = 30 s, and time to notice. */
  private static final Duration RESTART = Duration.ofSeconds(40);

  private static final Duration A_WHILE = Duration.ofSeconds(2);

  @Test
  @Tag("smoke")
  void exactlyOneWorkerIsVisibleAndIgnoresACancel() throws Exception {
    try (TestCluster cluster = TestCluster.create().start()) {
      long worker = cluster.awaitWorker(0, FIVE_SECONDS);
      cluster.execute("CREATE EXTENSION pg_walrus");
      cluster.awaitBaseline();

      try (Connection connection = cluster.connect();
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT application_name, datname, usename"
                      + " FROM pg_stat_activity WHERE backend_type = 'pg_walrus'")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getString(1)).isEqualTo("pg_walrus");
        assertThat(row.getString(2)).isEqualTo("postgres");
        assertThat(row.getString(3)).isEqualTo("postgres");
        assertThat(row.next()).isFalse();
      }
      Wait.until(
          "it never waits",
          FIVE_SECONDS,
          () ->
              "Extension"
                  .equals(
                      cluster.value(
                          "SELECT wait_event_type FROM pg_stat_activity WHERE pid = " + worker)));
      assertThat(cluster.logCount("LOG:  pg_walrus worker started")).isEqualTo(1);
      assertThat(cluster.stateNumber("worker_pid")).isEqualTo(worker);
      assertThat(cluster.stateNumber("generation")).isEqualTo(1);
      assertThat(cluster.state("engine")).isEqualTo("ready");

      assertThat(cluster.value("SELECT pg_cancel_backend(" + worker + ")")).isEqualTo("t");
      long samples = cluster.stateNumber("samples");
      Wait.until(
          () -> "no more samples\n" + cluster.log(),
          FIVE_SECONDS,
          () -> cluster.stateNumber("samples") >= samples + 2);
      assertThat(cluster.workerPid()).isEqualTo(worker);
      assertThat(cluster.log()).doesNotContain("canceling statement").doesNotContain("ERROR:");
    }
  }

  @Test
  @Tag("smoke")
  void comesBackAfterTerminationWithItsTotalsAndANewBaseline() {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      long worker = cluster.workerPid();
      cluster.awaitState("samples", "3", TestCluster.SOON);
      cluster.execute("SELECT pg_terminate_backend(" + worker + ")");
      cluster.awaitLog("LOG:  pg_walrus worker shutting down", FIVE_SECONDS);
      cluster.awaitLog("(PID " + worker + ") exited with exit code 1", FIVE_SECONDS);
      assertThat(cluster.stateNumber("worker_pid")).isZero();
      long samples = cluster.stateNumber("samples");
      assertThat(samples).isGreaterThanOrEqualTo(3);
      long base = cluster.stateNumber("requested_base");
      cluster.execute("CHECKPOINT");
      cluster.execute("CHECKPOINT");

      long next = cluster.awaitWorker(worker, RESTART);

      cluster.awaitLog("established baseline checkpoint count", 2, TestCluster.SOON);
      Wait.until(
          () -> "totals lost: " + cluster.state("samples"),
          FIVE_SECONDS,
          () -> cluster.stateNumber("samples") > samples);
      assertThat(cluster.stateNumber("worker_pid")).isEqualTo(next);
      assertThat(cluster.stateNumber("generation")).isEqualTo(2);
      assertThat(cluster.stateNumber("requested_base")).isGreaterThanOrEqualTo(base + 2);
      assertThat(cluster.state("engine")).isEqualTo("ready");
      assertThat(cluster.stateNumber("analysis_cycles")).isZero();
      assertThat(cluster.logCount("pg_walrus worker started")).isEqualTo(2);
      assertThat(cluster.crashRestarts()).isZero();
      assertThat(cluster.log()).doesNotContain("ERROR:");
    }
  }

  @Test
  void comesBackAtOnceWithTheClusterAfterACrash() throws Exception {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      cluster.awaitState("samples", "3", TestCluster.SOON);
      long worker = cluster.workerPid();
      try (Connection victim = cluster.connect();
          Statement statement = victim.createStatement();
          ResultSet pid = statement.executeQuery("SELECT pg_backend_pid()")) {
        assertThat(pid.next()).isTrue();
        Processes.signal(pid.getLong(1), "KILL");
      }
      awaitRecovery(cluster, 1);
      assertThat(Processes.isAlive(worker)).isFalse();
      // New shared memory: nothing is left of the totals.
      assertThat(cluster.stateNumber("generation")).isEqualTo(1);
      assertThat(cluster.stateNumber("analysis_cycles")).isZero();

      long second = cluster.workerPid();
      Processes.signal(second, "KILL");
      awaitRecovery(cluster, 2);
      assertThat(cluster.workerPid()).isNotIn(0L, worker, second);
      assertThat(cluster.log())
          .containsPattern("pg_walrus\" \\(PID " + second + "\\) was terminated by signal 9");
    }
  }

  private static void awaitRecovery(TestCluster cluster, int crashes) {
    cluster.awaitLog("all server processes terminated; reinitializing", crashes, FIVE_SECONDS);
    cluster.awaitReachable();
    cluster.awaitLog("established baseline checkpoint count", crashes + 1, FIVE_SECONDS);
    cluster.awaitBaseline();
    assertThat(cluster.state("engine")).isEqualTo("ready");
  }

  @Test
  void everyWayOfStoppingIsQuietAndQuick() {
    try (TestCluster cluster = TestCluster.create()) {
      int started = 0;
      for (String mode : new String[] {"smart", "fast", "immediate"}) {
        cluster.startWithBaseline();
        long worker = cluster.workerPid();
        started++;

        long before = System.nanoTime();
        cluster.stop(mode);

        assertThat(Duration.ofNanos(System.nanoTime() - before)).as(mode).isLessThan(FIVE_SECONDS);
        assertThat(Processes.isAlive(worker)).as(mode).isFalse();
        int goodbyes = mode.equals("immediate") ? started - 1 : started;
        assertThat(cluster.logCount("LOG:  pg_walrus worker shutting down"))
            .as(mode)
            .isEqualTo(goodbyes);
        assertThat(cluster.log().lines())
            .filteredOn(line -> line.contains(" pg_walrus "))
            .noneMatch(line -> line.matches(".*(WARNING|ERROR|FATAL|PANIC):.*"));
      }
    }
  }

  @Test
  void goesWithThePostmaster() throws Exception {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      long worker = cluster.workerPid();
      Processes.signal(cluster.postmasterPid(), "KILL");
      Wait.until("the worker has no postmaster", FIVE_SECONDS, () -> !Processes.isAlive(worker));
      // Nobody is left who could be asked to stop.
      Files.delete(cluster.data().resolve("postmaster.pid"));
    }
  }

  @Test
  void aDatabaseThatIsNotThereStopsTheWorkerAndNothingElse() {
    try (TestCluster cluster = TestCluster.create().set("walrus.database", "nowhere").start()) {
      cluster.awaitLog("FATAL:  database \"nowhere\" does not exist", FIVE_SECONDS);
      assertThat(cluster.isReachable()).isTrue();
      assertThat(cluster.workerPid()).isZero();
      cluster.execute("CREATE EXTENSION pg_walrus");
      assertThat(cluster.stateNumber("worker_pid")).isZero();

      cluster.execute("CREATE DATABASE nowhere");
      cluster.awaitWorker(0, RESTART);
      assertThat(
              cluster.value(
                  "SELECT datname FROM pg_stat_activity WHERE backend_type = 'pg_walrus'"))
          .isEqualTo("nowhere");
      assertThat(cluster.crashRestarts()).isZero();
    }
  }

  @Test
  void withoutASlotForItTheServerRunsAndTheStateShowsNoWorker() {
    try (TestCluster cluster = TestCluster.create().set("max_worker_processes", "0").start()) {
      cluster.execute("CREATE EXTENSION pg_walrus");
      assertThat(cluster.log()).contains("LOG:  too many background workers");
      assertThat(cluster.workerPid()).isZero();
      assertThat(cluster.stateNumber("worker_pid")).isZero();
      assertThat(cluster.state("worker_start")).isEqualTo("null");
    }
  }

  @Test
  void thereIsNoJvmUntilSizingIsSwitchedOn() {
    try (TestCluster cluster = TestCluster.create().set("walrus.enable", "off").start()) {
      cluster.execute("CREATE EXTENSION pg_walrus");
      long worker = cluster.awaitWorker(0, FIVE_SECONDS);
      Wait.sleep(A_WHILE);
      assertThat(Processes.hasMapped(worker, "libjvm.so")).isFalse();
      assertThat(cluster.state("engine")).isEqualTo("off");
      assertThat(cluster.stateNumber("samples")).isZero();

      cluster.alterSystem("walrus.enable", "on").reload();
      cluster.awaitBaseline();
      assertThat(cluster.workerPid()).isEqualTo(worker);
      assertThat(Processes.hasMapped(worker, "libjvm.so")).isTrue();
      assertThat(cluster.state("engine")).isEqualTo("ready");

      cluster.alterSystem("walrus.enable", "off").reload();
      cluster.awaitLog("LOG:  pg_walrus: sizing disabled", FIVE_SECONDS);
      cluster.awaitState("baseline_valid", "false", FIVE_SECONDS);
      long samples = cluster.stateNumber("samples");
      cluster.execute("CHECKPOINT");
      Wait.sleep(A_WHILE);
      assertThat(cluster.stateNumber("samples")).isEqualTo(samples);

      cluster.alterSystem("walrus.enable", "on").reload();
      cluster.awaitLog("LOG:  pg_walrus: sizing enabled", FIVE_SECONDS);
      cluster.awaitBaseline();
      assertThat(cluster.stateNumber("requested_base")).isEqualTo(cluster.requestedCheckpoints());
      assertThat(cluster.workerPid()).isEqualTo(worker);
    }
  }
}
