package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.files.Manifest;

/** What a job holds in memory does not grow with the number of tables. */
class ManyTablesIT {

  /** {@code -Dwalrus.tables=10000} makes it the long test. */
  private static final int TABLES = Integer.getInteger("walrus.tables", 1000);

  private static final int TABLES_A_STATEMENT = 1000;

  @Test
  void aSmallHeapIsEnoughForManyTables() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("walrus.enable", "off")
            .set("wal_level", "logical")
            .set("max_worker_processes", "12")
            .set("max_locks_per_transaction", String.valueOf(64 + TABLES / 20))
            .set("steep_repl.job_heap", "48MB")
            .start()) {
      cluster.execute("CREATE DATABASE many");
      Databases.execute(cluster, "many", "CREATE EXTENSION steep_repl");
      for (int first = 0; first < TABLES; first += TABLES_A_STATEMENT) {
        Databases.execute(
            cluster,
            "many",
            """
            DO $$ BEGIN FOR i IN %d..%d LOOP
              EXECUTE format('CREATE TABLE t%%s AS SELECT i FROM generate_series(1, 3) AS i', i);
            END LOOP; END $$
            """
                .formatted(first, Math.min(TABLES, first + TABLES_A_STATEMENT) - 1));
      }

      Manifest manifest = Snapshots.of(cluster).generate("many", "many", ", 'gzip', 2");

      assertThat(manifest.tables())
          .hasSize(TABLES)
          .allSatisfy(table -> assertThat(table.rowCount()).isEqualTo(3));
    }
  }
}
