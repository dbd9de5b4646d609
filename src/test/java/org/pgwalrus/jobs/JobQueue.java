package org.pgwalrus.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** The jobs of one database, as sessions see them. */
record JobQueue(TestCluster cluster, String database) {

  /** A JVM that starts without a cache, on a machine that is busy with other tests. */
  static final Duration SOON = Duration.ofMinutes(2);

  private static final String ANY_OPERATION =
      "ALTER TABLE steep_repl.work_queue DROP CONSTRAINT work_queue_operation_check";

  /** Makes the extension in a database that exists, for all kinds of jobs. */
  static JobQueue install(TestCluster cluster, String database) {
    JobQueue queue = new JobQueue(cluster, database);
    queue.execute("CREATE EXTENSION steep_repl");
    queue.execute(ANY_OPERATION);
    return queue;
  }

  /** The same in a new database. */
  static JobQueue create(TestCluster cluster, String database) {
    cluster.execute("CREATE DATABASE \"" + database.replace("\"", "\"\"") + "\"");
    return install(cluster, database);
  }

  private Connection connect(String role) throws SQLException {
    return cluster.connect(role, URLEncoder.encode(database, UTF_8));
  }

  void execute(String sql) {
    Databases.execute(cluster, database, sql);
  }

  @Nullable String value(String sql) {
    return Databases.value(cluster, database, sql);
  }

  /** The first column of all rows as a role sees them. */
  List<String> column(String role, String sql) {
    try (Connection connection = connect(role);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(String.valueOf(rows.getString(1)));
      }
      return values;
    } catch (SQLException e) {
      throw new IllegalStateException(sql + "\n" + cluster.log(), e);
    }
  }

  /** The error of a statement of a role that has to fail. */
  ServerErrorMessage error(String role, String sql) {
    try (Connection connection = connect(role);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (PSQLException e) {
      return Objects.requireNonNull(e.getServerErrorMessage());
    } catch (SQLException e) {
      throw new IllegalStateException(sql + "\n" + cluster.log(), e);
    }
    throw new AssertionError("no error: " + sql);
  }

  /** Queues a job as superuser. */
  long queue(String operation, String params) {
    return queueAs("postgres", operation, params);
  }

  /** Queues a job as a role. */
  long queueAs(String role, String operation, String params) {
    return Long.parseLong(column(role, enqueue(operation, params)).getFirst());
  }

  /** The statement that queues a job. */
  static String enqueue(String operation, String params) {
    return "SELECT steep_repl.enqueue('%s', NULL, NULL, '%s', NULL)".formatted(operation, params);
  }

  /** Queues a job that stops at the gate. */
  long queueGated() {
    return queue("trial_gate", "{}");
  }

  /** A column of a job's row. */
  String of(long id, String expression) {
    return String.valueOf(
        value("SELECT " + expression + " FROM steep_repl.work_queue WHERE id = " + id));
  }

  /** A column of a job in shared memory. */
  String live(long id, String expression) {
    return String.valueOf(
        value("SELECT " + expression + " FROM steep_repl.operation_progress(" + id + ")"));
  }

  void await(long id, String status) {
    Wait.until(
        () -> "job " + id + " is " + of(id, "status") + ", not " + status + "\n" + cluster.log(),
        SOON,
        () -> of(id, "status").equals(status));
  }

  /** Waits until a job stands before the closed gate. */
  void awaitGate(long id) {
    Wait.until(
        () -> "job " + id + " is " + of(id, "status") + " and not at the gate\n" + cluster.log(),
        SOON,
        () -> live(id, "tables_completed").equals("4"));
  }

  /** How many processes of a kind there are: {@code launcher}, {@code job}, {@code sweeper}. */
  static int processes(TestCluster cluster, String kind) {
    return Integer.parseInt(
        String.valueOf(
            cluster.value(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'steep_repl "
                    + kind
                    + "'")));
  }
}
