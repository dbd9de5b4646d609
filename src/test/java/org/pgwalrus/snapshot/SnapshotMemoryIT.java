package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.Supplier;
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
            .set("max_worker_processes", "16")
            .set("max_wal_size", "8GB")
            .start()) {
      Databases.create(cluster, "source", statements);
      Databases.create(cluster, "target");
      Snapshots snapshots = Snapshots.of(cluster);
      String path = snapshots.path("memory");
      peakIsBounded(cluster, "source", "start_snapshot('" + path + "', 'lz4', 2)");
      peakIsBounded(cluster, "target", "start_apply('" + path + "', 2, p_create_schema => true)");
      assertThat(Databases.value(cluster, "target", "SELECT count(*) FROM t"))
          .isEqualTo(Databases.value(cluster, "source", "SELECT count(*) FROM t"));
    }
  }

  private static void peakIsBounded(TestCluster cluster, String database, String job) {
    Databases.execute(cluster, database, "SELECT steep_repl." + job);
    Supplier<String> state =
        () ->
            String.valueOf(
                Databases.value(
                    cluster,
                    database,
                    "SELECT concat_ws(': ', status, error_message) FROM steep_repl.work_queue"));
    long[] peak = {0};
    Wait.until(
        () -> job + " is " + state.get() + "\n" + cluster.log(),
        A_GIGABYTE,
        () -> {
          peak[0] = Math.max(peak[0], memoryKb(cluster));
          return !state.get().matches("pending|running");
        });
    assertThat(state.get()).isEqualTo("complete");
    System.out.println("SnapshotMemoryIT: " + job + ": peak " + peak[0] / 1024 + " MB");
    assertThat(peak[0] / 1024).isBetween(1L, LIMIT_MB);
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
