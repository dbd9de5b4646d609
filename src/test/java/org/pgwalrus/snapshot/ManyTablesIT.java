package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.files.Manifest;

/** What a job holds in memory does not grow with the number of tables. */
class ManyTablesIT {

  private static final int TABLES_A_STATEMENT = 1000;
  private static final Duration LIMIT = Duration.ofMinutes(20);

  private static final String ROWS =
      "SELECT sum((xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I',"
          + " relname), true, true, '')))[1]::text::bigint) FROM pg_class"
          + " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";

  @Test
  void aSmallHeapIsEnoughForAThousandTables() {
    areCopied(1_000);
  }

  @Test
  @Tag("long")
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void aSmallHeapIsEnoughForTenThousandTables() {
    areCopied(10_000);
  }

  private static void areCopied(int tables) {
    try (TestCluster cluster =
        TestCluster.create()
            .set("walrus.enable", "off")
            .set("wal_level", "logical")
            .set("max_worker_processes", "12")
            .set("max_locks_per_transaction", String.valueOf(64 + tables / 20))
            .set("steep_repl.job_heap", "48MB")
            .start()) {
      Databases.create(cluster, "many");
      for (int first = 0; first < tables; first += TABLES_A_STATEMENT) {
        Databases.execute(cluster, "many", tables(first, first + TABLES_A_STATEMENT - 1));
      }
      Snapshots snapshots = Snapshots.of(cluster);
      String id = snapshots.start("many", snapshots.path("many"), ", 'gzip', 2");
      awaitEnd(cluster, "many");
      Manifest manifest = snapshots.whole("many", id, snapshots.path("many"));
      assertThat(manifest.tables())
          .hasSize(tables)
          .allSatisfy(table -> assertThat(table.rowCount()).isEqualTo(3));

      Databases.create(cluster, "twin");
      Databases.execute(
          cluster,
          "twin",
          "SELECT steep_repl.start_apply('"
              + snapshots.path("many")
              + "', 2, p_create_schema => true)");
      awaitEnd(cluster, "twin");
      assertThat(Databases.value(cluster, "twin", ROWS)).isEqualTo(String.valueOf(3 * tables));
    }
  }

  private static String tables(int first, int last) {
    return """
    DO $$ BEGIN FOR i IN %d..%d LOOP
      EXECUTE format('CREATE TABLE t%%s AS SELECT i FROM generate_series(1, 3) AS i', i);
    END LOOP; END $$
    """
        .formatted(first, last);
  }

  /** Waits for the only job of a database. */
  private static void awaitEnd(TestCluster cluster, String database) {
    Supplier<String> state =
        () ->
            String.valueOf(
                Databases.value(
                    cluster,
                    database,
                    "SELECT concat_ws(': ', status, error_message) FROM steep_repl.work_queue"));
    Wait.until(
        () -> "job is " + state.get() + "\n" + cluster.log(),
        LIMIT,
        () -> !state.get().matches("pending|running"));
    assertThat(state.get()).isEqualTo("complete");
  }
}
