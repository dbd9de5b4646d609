package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.apply.Applications;

/** What others see of a snapshot whose one large table takes its time, and what they may do. */
class SnapshotProgressIT {

  private static final String BASE = "large";

  /** One stream, and a codec that is slow. */
  private static final String SLOWLY = ", 'gzip', 1, p_compression_level => 9";

  private static final List<String> PHASES =
      List.of("idle", "schema", "data", "sequences", "finalizing", "complete");

  private static TestCluster cluster;
  private static Snapshots snapshots;

  private record Seen(String phase, double percent) {}

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    Databases.create(
        cluster,
        BASE,
        "CREATE TABLE t AS SELECT i, md5(i::text) || md5((-i)::text) || md5((i * 7)::text) AS x"
            + " FROM generate_series(1, 500000) AS i");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String progressOf(String id) {
    return " FROM steep_repl.snapshot_progress('" + id + "')";
  }

  @Test
  void progressMovesWithinATableAndOnlyForward() throws SQLException {
    String id = snapshots.start(BASE, snapshots.path("watched"), SLOWLY);
    List<Seen> seen = watch(id);

    assertThat(seen).extracting(Seen::percent).isSorted();
    assertThat(seen).extracting(one -> PHASES.indexOf(one.phase())).isSorted().doesNotContain(-1);
    assertThat(seen.stream().filter(one -> one.phase().equals("data")).map(Seen::percent))
        .as("of one table")
        .filteredOn(percent -> percent > 10 && percent < 85)
        .hasSizeGreaterThan(2);
    assertThat(seen.getLast()).isEqualTo(new Seen("complete", 100));
  }

  /** All that differs from what was seen before, until it is complete. */
  private static List<Seen> watch(String id) throws SQLException {
    List<Seen> seen = new ArrayList<>();
    try (Connection connection = Databases.connect(cluster, BASE);
        Statement statement = connection.createStatement()) {
      Wait.until(
          () -> "it is not complete: " + seen + "\n" + cluster.log(),
          Snapshots.SOON,
          () -> look(statement, id, seen).phase().equals("complete"));
    }
    return seen;
  }

  private static Seen look(Statement statement, String id, List<Seen> seen) {
    try (ResultSet row = statement.executeQuery("SELECT phase, overall_percent" + progressOf(id))) {
      row.next();
      Seen now = new Seen(row.getString(1), row.getDouble(2));
      if (seen.isEmpty() || !seen.getLast().equals(now)) {
        seen.add(now);
      }
      return now;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aCancelEndsTheCopyOfATable(int streams) {
    String path = snapshots.path("cancelled_" + streams);
    String id = snapshots.start(BASE, path, ", 'gzip', " + streams + ", p_compression_level => 9");
    snapshots.awaitRows(BASE, id);

    cancel(BASE, id);

    Wait.until("files are left", Duration.ofSeconds(30), () -> Snapshots.files(path).isEmpty());
    assertThat(cluster.value("SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
  }

  @Test
  void aCancelEndsTheLoadingOfATable() {
    String path = snapshots.path("loaded");
    String id = snapshots.generate(BASE, "loaded", ", 'lz4'").snapshotId();
    Databases.create(
        cluster,
        "loading",
        "CREATE TABLE t (i integer, x text CHECK (length(repeat(x, 9000)) > 0))");
    new Applications(cluster).start("loading", path, ", 2");
    snapshots.awaitRows("loading", id);

    cancel("loading", id);

    assertThat(Databases.value(cluster, "loading", "SELECT count(*) FROM t")).isEqualTo("0");
  }

  /** Until both rows say so, and nobody copies any more. */
  private static void cancel(String database, String id) {
    assertThat(
            Databases.value(cluster, database, "SELECT steep_repl.cancel_snapshot('" + id + "')"))
        .isEqualTo("t");
    Wait.until(
        () -> "it goes on\n" + cluster.log(),
        Snapshots.SOON,
        () -> states(database, id).equals("cancelled cancelled 0"));
  }

  private static String states(String database, String id) {
    return String.valueOf(
        Databases.value(
            cluster,
            database,
            "SELECT concat_ws(' ', s.status, w.status, (SELECT count(*) FROM pg_stat_activity"
                + " WHERE backend_type LIKE 'steep_repl copy%'))"
                + " FROM steep_repl.snapshots AS s JOIN steep_repl.work_queue AS w USING"
                + " (snapshot_id) WHERE snapshot_id = '"
                + id
                + "'"));
  }

  @Test
  void whoWaitsGetsTheRowOfTheEnd() {
    String path = snapshots.path("awaited");
    String id = snapshots.start(BASE, path, ", 'lz4'");
    assertThat(end(BASE, id)).isEqualTo("complete complete 100 500000");

    Databases.create(cluster, "other", "CREATE TABLE t (i integer, x text)");
    new Applications(cluster).start("other", path, "");
    assertThat(end("other", id)).startsWith("applied complete 100");
  }

  private static String end(String database, String id) {
    return String.valueOf(
        Databases.value(
            cluster,
            database,
            "SELECT concat_ws(' ', status, phase, overall_percent, rows_written)"
                + " FROM steep_repl.wait_snapshot('"
                + id
                + "')"));
  }
}
