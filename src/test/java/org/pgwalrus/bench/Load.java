package org.pgwalrus.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pgwalrus.cluster.Counters;
import org.pgwalrus.cluster.Counters.Stretch;
import org.pgwalrus.cluster.ExitGuard;
import org.pgwalrus.cluster.Pgbench;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/**
 * A server with too small a max_wal_size under load, measured in intervals of checkpoint_timeout
 * from the start of the load. The worker, if there is one, decides at the end of the first one.
 */
final class Load {

  static final int INTERVALS = 3;

  private static final int INTERVAL_SECONDS = 30;
  private static final int CLIENTS = 4;
  private static final int SCALE = 20;

  private Load() {}

  /** Runs the load on a new server, with or without pg_walrus; returns its intervals. */
  static List<Stretch> run(boolean sized) throws SQLException {
    try (TestCluster cluster = cluster();
        ExitGuard _ = ExitGuard.of(cluster)) {
      cluster.set("shared_preload_libraries", "").start();
      Pgbench.initialise(cluster, SCALE);
      cluster.set("shared_preload_libraries", sized ? "pg_walrus" : "").restart();
      if (sized) {
        cluster.execute("CREATE EXTENSION pg_walrus");
        cluster.awaitBaseline();
      }
      return measure(cluster);
    }
  }

  private static TestCluster cluster() {
    return TestCluster.create()
        .set("max_wal_size", "64MB")
        .set("min_wal_size", "32MB")
        .set("checkpoint_timeout", INTERVAL_SECONDS + "s")
        .set("shared_buffers", "512MB")
        .set("fsync", "on")
        .set("synchronous_commit", "off")
        .set("autovacuum", "off")
        .set("walrus.sample_interval_sec", "10")
        .set("walrus.early_reaction", "off")
        .set("log_min_messages", "warning");
  }

  private static List<Stretch> measure(TestCluster cluster) throws SQLException {
    List<Stretch> intervals = new ArrayList<>();
    int seconds = (INTERVALS + 1) * INTERVAL_SECONDS;
    try (Connection connection = cluster.connect();
        Pgbench _ = Pgbench.start(cluster, CLIENTS, seconds, 0)) {
      Counters last = Counters.read(connection);
      long start = last.nanos();
      for (int i = 1; i <= INTERVALS; i++) {
        Duration end = Duration.ofSeconds((long) i * INTERVAL_SECONDS);
        Wait.sleep(end.minusNanos(System.nanoTime() - start));
        Counters now = Counters.read(connection);
        intervals.add(now.since(last));
        last = now;
      }
    }
    return intervals;
  }
}
