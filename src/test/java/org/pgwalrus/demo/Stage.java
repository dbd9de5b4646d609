package org.pgwalrus.demo;

import org.pgwalrus.cluster.ExitGuard;
import org.pgwalrus.cluster.Pgbench;
import org.pgwalrus.cluster.TestCluster;

/**
 * The demo's cluster: a max_wal_size that is too small for the load to come. It vanishes when it is
 * closed and also when the program is interrupted.
 */
final class Stage implements AutoCloseable {

  static final int INTERVAL_SECONDS = 30;
  static final int CLIENTS = 4;

  private static final int SCALE = 10;

  private final TestCluster cluster = TestCluster.create();
  private final ExitGuard guard = ExitGuard.of(cluster);

  Stage() {
    cluster
        .set("max_wal_size", "64MB")
        .set("min_wal_size", "32MB")
        .set("checkpoint_timeout", INTERVAL_SECONDS + "s")
        .set("shared_buffers", "256MB")
        .set("autovacuum", "off")
        .set("log_min_messages", "warning")
        .set("log_line_prefix", "")
        .set("shared_preload_libraries", "");
  }

  TestCluster cluster() {
    return cluster;
  }

  /** A server with pgbench's tables and without pg_walrus. */
  void build() {
    cluster.start();
    Pgbench.initialise(cluster, SCALE);
  }

  /** What an administrator does: preload, restart, create the extension. */
  void install() {
    cluster.set("shared_preload_libraries", "pg_walrus").set("walrus.enable", "off");
    cluster.restart();
    cluster.execute("CREATE EXTENSION pg_walrus");
  }

  /** Lets the worker act. */
  void switchOn() {
    cluster.alterSystem("walrus.enable", "on").reload();
  }

  /** The last row of the history in words. */
  String newestChange() {
    return String.valueOf(
        cluster.value(
            "SELECT pg_catalog.format('%s from %s MB to %s MB: %s (%s)', action, old_size_mb,"
                + " new_size_mb, reason, metadata->>'trigger') FROM walrus.history"
                + " ORDER BY id DESC LIMIT 1"));
  }

  /** Whether the cluster is being taken down, so that errors mean nothing. */
  boolean isClosed() {
    return guard.isClosed();
  }

  @Override
  public void close() {
    guard.close();
  }
}
