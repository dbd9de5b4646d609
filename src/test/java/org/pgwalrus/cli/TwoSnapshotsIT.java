package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cli.Program.Result;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.Snapshots;

/** Two snapshots at once, each with somebody who watches it. */
class TwoSnapshotsIT {

  private static final String TABLES =
      """
      DO $$ BEGIN
        CREATE SCHEMA few;
        CREATE SCHEMA many;
        FOR i IN 1..3 LOOP
          EXECUTE format('CREATE TABLE few.t%s AS SELECT generate_series(1, 50000 * %1$s)', i);
        END LOOP;
        FOR i IN 1..7 LOOP
          EXECUTE format('CREATE TABLE many.t%s AS SELECT generate_series(1, 50000 * %1$s)', i);
        END LOOP;
      END $$
      """;

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().set("steep_repl.max_concurrent_operations", "2").start();
    snapshots = Snapshots.of(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute(TABLES);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Program generate(String schema) {
    return Program.start(
        Map.of(),
        "snapshot",
        "generate",
        "-o",
        snapshots.path(schema),
        "--include-schema",
        schema,
        "--json-progress",
        "--json",
        "-c",
        "host=127.0.0.1 user=postgres dbname=postgres port=" + cluster.port());
  }

  @Test
  void eachSeesItsOwn() throws SQLException {
    try (Connection holder = cluster.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE few.t1, many.t1");
      follow(holder);
    }
  }

  /** Both run before one of them can go on. */
  private static void follow(Connection holder) throws SQLException {
    try (Program few = generate("few");
        Program many = generate("many")) {
      Wait.until(
          () -> "both do not run\n" + cluster.log(),
          SnapshotServer.SOON,
          () ->
              "2"
                  .equals(
                      cluster.value(
                          "SELECT count(*) FROM steep_repl.work_queue WHERE status = 'running'")));
      holder.rollback();

      assertOwn(few.await(), "few", 3);
      assertOwn(many.await(), "many", 7);
    }
  }

  private static void assertOwn(Result result, String schema, int tables) {
    assertThat(result.code()).as("%s", result).isZero();
    JsonText row = JsonText.of(cluster, result.out());
    assertThat(row.get("storage_path")).isEqualTo(snapshots.path(schema));
    assertThat(row.number("table_count")).isEqualTo(tables);
    List<JsonText> shown = result.err().lines().map(line -> JsonText.of(cluster, line)).toList();
    assertThat(shown.stream().map(one -> one.get("current_table")))
        .as(result.err())
        .allMatch(table -> table.equals("null") || table.startsWith(schema + "."));
    assertThat(shown.stream().map(one -> Double.valueOf(one.get("percent"))))
        .isSorted()
        .endsWith(100.0);
    assertThat(shown.stream().map(one -> one.get("bytes_total")).distinct())
        .as(result.err())
        .hasSizeLessThanOrEqualTo(2);
  }
}
