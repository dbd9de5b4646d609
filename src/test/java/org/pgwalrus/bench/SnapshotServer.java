package org.pgwalrus.bench;

import java.util.List;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.Snapshots;

/**
 * One server, and what is timed on it. Nothing waits to be written when a time begins. Files are
 * removed in the end only: ext4 avoids the inodes of those that were deleted in the last minutes,
 * and looking for others would be part of the time.
 */
final class SnapshotServer implements AutoCloseable {

  private static final String TARGET = "target";
  private static final String STREAMS = "2";

  private final TestCluster cluster;
  private final Snapshots snapshots;
  private int directories;
  private String snapshot = "";
  private String dump = "";

  SnapshotServer() {
    cluster =
        TestCluster.create()
            .set("walrus.enable", "off")
            .set("fsync", "on")
            .set("wal_level", "logical")
            .set("shared_buffers", "512MB")
            .set("max_wal_size", "16GB")
            .set("checkpoint_timeout", "1h")
            .set("autovacuum", "off")
            .set("max_worker_processes", "16")
            .set("log_min_messages", "warning")
            .start();
    snapshots = Snapshots.of(cluster);
  }

  TestCluster cluster() {
    return cluster;
  }

  /** Removes a database and what was dumped of it. */
  void drop(SnapshotData data) {
    cluster.execute("DROP DATABASE IF EXISTS " + TARGET);
    cluster.execute("DROP DATABASE " + data.database());
    Programs.run(List.of("sh", "-c", "rm -rf " + snapshots.path("*")));
  }

  private String newPath() {
    directories++;
    return snapshots.path(String.valueOf(directories));
  }

  private void settle() {
    cluster.execute("CHECKPOINT");
    Programs.run(List.of("sync"));
  }

  /** A database in which there is nothing. */
  private void emptyTarget() {
    cluster.execute("DROP DATABASE IF EXISTS " + TARGET);
    cluster.execute("CREATE DATABASE " + TARGET + " TEMPLATE template0");
  }

  /** Generates a snapshot; seconds. */
  double generate(SnapshotData data, Codec codec) {
    snapshot = newPath();
    settle();
    return job(
        data.database(),
        "steep_repl.start_snapshot('%s', p_parallel => %s, %s)"
            .formatted(snapshot, STREAMS, codec.arguments()));
  }

  /** Has pg_dump do the same; seconds. */
  double dump(SnapshotData data, Codec codec) {
    dump = newPath();
    settle();
    return seconds(
        "pg_dump",
        "--format=directory",
        "--jobs=" + STREAMS,
        codec.option(),
        "--schema=public",
        "--file=" + dump,
        data.database());
  }

  /** Applies the snapshot that was generated last to an empty database; seconds. */
  double apply() {
    emptyTarget();
    Databases.execute(cluster, TARGET, "CREATE EXTENSION steep_repl");
    settle();
    return job(
        TARGET,
        "steep_repl.start_apply('%s', p_parallel => %s, p_create_schema => true,"
                .formatted(snapshot, STREAMS)
            + " p_verify => false, p_analyze => false)");
  }

  /** Has pg_restore do the same with what was dumped last; seconds. */
  double restore() {
    emptyTarget();
    settle();
    return seconds(
        "pg_restore",
        "--exit-on-error",
        "--jobs=" + STREAMS,
        "--schema=public",
        "--dbname=" + TARGET,
        dump);
  }

  private double seconds(String program, String... arguments) {
    List<String> command = Databases.command(cluster, program, arguments);
    long before = System.nanoTime();
    Programs.run(command);
    return (System.nanoTime() - before) / 1e9;
  }

  /** Queues a job and waits for its end; seconds in between. */
  private double job(String database, String call) {
    Databases.execute(cluster, database, "SELECT " + call);
    String ended =
        "steep_repl.wait_operation((SELECT max(id) FROM steep_repl.work_queue), 86400) AS w";
    String error = Databases.value(cluster, database, "SELECT w.error_message FROM " + ended);
    if (error != null) {
      throw new IllegalStateException(call + ": " + error);
    }
    return Double.parseDouble(
        String.valueOf(
            Databases.value(
                cluster,
                database,
                "SELECT extract(epoch FROM w.completed_at - w.created_at) FROM " + ended)));
  }

  @Override
  public void close() {
    cluster.close();
  }
}
