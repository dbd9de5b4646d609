package org.pgwalrus.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.jobs.ProgressKinds;

/** A cluster with ten tables, of which snapshots can be made, and held up. */
final class SnapshotServer implements AutoCloseable {

  /** A JVM that starts without a cache, on a machine that is busy with other tests. */
  static final Duration SOON = Duration.ofMinutes(2);

  /** How many verifications run. */
  static final String VERIFYING =
      "SELECT count(*) FROM pg_stat_activity"
          + " WHERE state = 'active' AND query LIKE '%steep_repl.verify_snapshot(%'"
          + " AND pid <> pg_backend_pid()";

  private static final String TABLES =
      "DO $$ BEGIN FOR i IN 1..10 LOOP EXECUTE format("
          + "'CREATE TABLE public.t%s AS SELECT x FROM generate_series(1, 1000) AS x', i);"
          + " END LOOP; END $$";

  private final TestCluster cluster = ProgressKinds.cluster();

  /** Starts it. */
  static SnapshotServer start() {
    SnapshotServer server = new SnapshotServer();
    try {
      server
          .cluster
          .set("unix_socket_directories", server.cluster.directory().toString())
          .set("log_connections", "on");
      server.cluster.start();
      server.cluster.execute(TABLES);
      server.cluster.execute("CREATE EXTENSION steep_repl");
      server.standIn();
      return server;
    } catch (RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  /** What the functions queue is then up to the test, and as slow as it wants. */
  private void standIn() {
    cluster.execute("ALTER TABLE steep_repl.work_queue DROP CONSTRAINT work_queue_operation_check");
    try (InputStream script = SnapshotServer.class.getResourceAsStream("stand-in.sql")) {
      cluster.execute(
          new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  TestCluster cluster() {
    return cluster;
  }

  /** A connection string, with what a test adds. */
  String connection(String more) {
    return "host=127.0.0.1 port=" + cluster.port() + " user=postgres dbname=postgres " + more;
  }

  /** A directory for a snapshot, on the server. */
  String path(String name) {
    return Path.of(cluster.directory().toString(), "snapshots", name).toString();
  }

  /** Holds every snapshot up in its fifth table, until it is closed. */
  Connection hold() throws SQLException {
    Connection holder = cluster.connect();
    holder.setAutoCommit(false);
    try (Statement statement = holder.createStatement()) {
      statement.execute("SELECT pg_advisory_xact_lock(1)");
      statement.execute("LOCK TABLE public.t5");
    }
    return holder;
  }

  /** The snapshot that was asked for last. */
  String newest() {
    return String.valueOf(
        cluster.value(
            "SELECT snapshot_id FROM steep_repl.snapshots ORDER BY created_at DESC LIMIT 1"));
  }

  String status(String id) {
    return String.valueOf(
        cluster.value("SELECT status FROM steep_repl.snapshots WHERE snapshot_id = '" + id + "'"));
  }

  void await(String id, String status) {
    Wait.until(
        () -> id + " is " + status(id) + ", not " + status + "\n" + cluster.log(),
        SOON,
        () -> status(id).equals(status));
  }

  @Override
  public void close() {
    cluster.close();
  }
}
