package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** What the processes of a job hold in memory, whatever tables are like. */
class SnapshotMemoryIT {

  private static final long LIMIT_MB = 512;
  private static final Duration A_GIGABYTE = Duration.ofMinutes(5);

  @Test
  void wideRowsNeedLittleMemory() {
    peakIsBounded(
        "CREATE TABLE t AS SELECT i, repeat(md5(i::text), 50 * 32768) AS wide"
            + " FROM generate_series(1, 8) AS i");
  }

  @Test
  void aLargeTableNeedsLittleMemory() {
    peakIsBounded(
        "CREATE UNLOGGED TABLE t AS SELECT i, repeat('many words ', 90) AS filler"
            + " FROM generate_series(1, 1000000) AS i",
        "ALTER TABLE t SET LOGGED");
  }

  private static void peakIsBounded(String... statements) {
    try (TestCluster cluster =
        TestCluster.create()
            .set("walrus.enable", "off")
            .set("wal_level", "logical")
            .set("max_wal_size", "8GB")
            .start()) {
      cluster.execute("CREATE EXTENSION steep_repl");
      for (String statement : statements) {
        cluster.execute(statement);
      }
      Snapshots snapshots = Snapshots.of(cluster);
      String id = snapshots.start("postgres", snapshots.path("memory"), ", 'lz4', 2");
      long[] peak = {0};
      Wait.until(
          "a snapshot that has ended",
          A_GIGABYTE,
          () -> {
            peak[0] = Math.max(peak[0], memoryKb(cluster));
            return !snapshots.of("postgres", id, "status").matches("pending|generating");
          });
      snapshots.await("postgres", id, "complete");
      System.out.println("SnapshotMemoryIT: peak " + peak[0] / 1024 + " MB");
      assertThat(peak[0] / 1024).isBetween(1L, LIMIT_MB);
      assertThat(
              Databases.value(cluster, "postgres", "SELECT rows_written FROM steep_repl.snapshots"))
          .isEqualTo(Databases.value(cluster, "postgres", "SELECT count(*) FROM t"));
    }
  }

  /** The server's shared memory is not the job's. */
  private static long memoryKb(TestCluster cluster) {
    return cluster
        .column(
            "SELECT pid FROM pg_stat_activity"
                + " WHERE backend_type IN ('steep_repl job', 'steep_repl copy worker')")
        .stream()
        .mapToLong(pid -> Processes.privateKb(Long.parseLong(pid)))
        .sum();
  }
}
