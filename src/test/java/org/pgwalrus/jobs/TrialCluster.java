package org.pgwalrus.jobs;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/**
 * A cluster with jobs whose scripts are src/test/trials' {@code Act}s, two roles that may queue
 * them, {@code anna} and {@code ben}, and a table that tells what jobs have done.
 */
final class TrialCluster implements AutoCloseable {

  /** How soon a cancel has to have its effect. */
  static final Duration CANCEL = Duration.ofSeconds(5);

  /** How soon after a restart of the server no job may pass for running. */
  static final Duration RECOVERY = Duration.ofSeconds(10);

  /** A new JVM, on a machine that is busy with other tests. */
  static final Duration SOON = Duration.ofMinutes(2);

  private static final String TRIALS =
      "CREATE EXTENSION steep_repl;"
          + "ALTER TABLE steep_repl.work_queue DROP CONSTRAINT work_queue_operation_check;"
          + "CREATE TABLE effects (job bigint, what text, role name DEFAULT current_user,"
          + " at timestamptz DEFAULT clock_timestamp());"
          + "GRANT SELECT, INSERT ON effects TO PUBLIC";

  private final TestCluster cluster;

  /** A new one, not started. */
  TrialCluster() {
    this(TestCluster.create());
    cluster
        .set("walrus.classpath", KindFiles.classPath("trials"))
        .set("walrus.enable", "off")
        .set("steep_repl.job_heap", "32");
  }

  /** One that is there already, or a copy of it. */
  TrialCluster(TestCluster cluster) {
    this.cluster = cluster;
  }

  TrialCluster set(String name, String value) {
    cluster.set(name, value);
    return this;
  }

  /** Starts it, with the roles. */
  TrialCluster start() {
    try {
      cluster.start();
      install("postgres");
      cluster.execute("CREATE ROLE anna LOGIN IN ROLE steep_repl_operator");
      cluster.execute("CREATE ROLE ben LOGIN IN ROLE steep_repl_operator");
      return this;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  /** Makes the extension and the table in a database. */
  void install(String database) {
    Databases.execute(cluster, database, TRIALS);
  }

  TestCluster cluster() {
    return cluster;
  }

  /** A statement that adds a row to the table. */
  static String note(String what) {
    return "sql INSERT INTO public.effects (job, what) VALUES ($1::bigint, '" + what + "')";
  }

  /** A script of several lines. */
  static String script(String... lines) {
    return String.join("\n", lines);
  }

  /** Queues a job, in a session that is closed at once. */
  long queue(String role, String script) {
    return queue(role, script, "");
  }

  /** Queues a job with a script that undoes it. */
  long queue(String role, String script, String undo) {
    try (Connection session = cluster.connect(role)) {
      return queue(session, script, undo);
    } catch (SQLException e) {
      throw new IllegalStateException(cluster.log(), e);
    }
  }

  /** Queues a job in a session. */
  static long queue(Connection session, String script, String undo) throws SQLException {
    try (PreparedStatement statement =
        session.prepareStatement(
            "SELECT steep_repl.enqueue('trial', NULL, NULL,"
                + " jsonb_build_object('do', ?::text, 'undo', ?::text), NULL)")) {
      statement.setString(1, script);
      statement.setString(2, undo);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** Cancels a job on behalf of its role. */
  boolean cancel(String role, long job) {
    try (Connection session = cluster.connect(role);
        Statement statement = session.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT steep_repl.cancel_operation(" + job + ")")) {
      return rows.next() && rows.getBoolean(1);
    } catch (SQLException e) {
      throw new IllegalStateException(cluster.log(), e);
    }
  }

  /** A column of the job's row. */
  String of(long job, String column) {
    return String.valueOf(
        cluster.value("SELECT " + column + " FROM steep_repl.work_queue WHERE id = " + job));
  }

  String status(long job) {
    return of(job, "status");
  }

  String error(long job) {
    return of(job, "error_message");
  }

  /** The process that runs a job. */
  long worker(long job) {
    return Long.parseLong(of(job, "worker_pid"));
  }

  /** What a job has done, in order. */
  List<String> effects(long job) {
    return cluster.column("SELECT what FROM effects WHERE job = " + job + " ORDER BY at");
  }

  void await(long job, String status) {
    await(job, status, SOON);
  }

  /** Waits until a job has a status. */
  void await(long job, String status, Duration limit) {
    Wait.until(
        () -> "job " + job + " is " + status(job) + ": " + error(job) + "\n" + cluster.log(),
        limit,
        () -> status(job).equals(status));
  }

  /** Waits until a job has written that it has come to some point. */
  void awaitEffect(long job, String what) {
    awaitEffect(job, what, 1);
  }

  /** Waits until a job has written something so many times. */
  void awaitEffect(long job, String what, int times) {
    Wait.until(
        () -> "job " + job + " has only done " + effects(job) + "\n" + cluster.log(),
        SOON,
        () -> effects(job).stream().filter(what::equals).count() >= times);
  }

  /** Waits until no worker is left, in no database. */
  void awaitQuiet() {
    Wait.until(
        () -> "there are workers yet\n" + cluster.log(),
        SOON,
        () ->
            "0"
                .equals(
                    cluster.value(
                        "SELECT count(*) FROM pg_stat_activity WHERE backend_type IN"
                            + " ('steep_repl job', 'steep_repl sweeper',"
                            + " 'steep_repl registrar')")));
  }

  /** Kills a process of the server, which restarts all, and waits until it is back. */
  void crash(long pid) {
    int before = cluster.crashRestarts();
    Processes.signal(pid, "KILL");
    Wait.until(
        () -> "no crash restart\n" + cluster.log(), SOON, () -> cluster.crashRestarts() > before);
    cluster.awaitReachable();
  }

  /** What shared memory tells of jobs that have not ended, the stale ones too. */
  List<String> running() {
    return cluster.column(
        "SELECT work_queue_id FROM steep_repl.operation_progress()"
            + " WHERE status = 'running' OR ended_at IS NULL OR work_queue_id = 0");
  }

  @Override
  public void close() {
    cluster.close();
  }
}
