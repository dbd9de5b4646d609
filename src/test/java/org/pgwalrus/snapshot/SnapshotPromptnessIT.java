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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Pgbench;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** How soon a caller has his answer, others see what a snapshot does, and a cancel ends it. */
@Isolated
@Tag("long")
class SnapshotPromptnessIT {

  /** The specification's number for both. */
  private static final Duration LIMIT = Duration.ofSeconds(1);

  private static final Duration CANCEL_LIMIT = Duration.ofSeconds(5);

  private static final int TABLES = 1000;
  private static final int CALLS = 5;

  /** A second. */
  private static final int TRANSACTIONS = 200;

  private static final int POLL_MILLIS = 10;

  private static final List<String> PHASES =
      List.of("idle", "schema", "data", "sequences", "finalizing", "complete");

  private static TestCluster cluster;
  private static Snapshots snapshots;

  /** Where a job was at some time. */
  private record Sight(long nanos, int phase, long bytes) {

    Sight(long nanos, String phase, long bytes) {
      this(nanos, PHASES.indexOf(phase), bytes);
    }

    boolean isAtLeast(Sight other) {
      return phase > other.phase || (phase == other.phase && bytes >= other.bytes);
    }
  }

  private record Heard(long nanos, String payload) {}

  @BeforeAll
  static void start() {
    cluster =
        Snapshots.server().set("max_locks_per_transaction", String.valueOf(64 + TABLES)).start();
    snapshots = Snapshots.of(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Duration at(List<Duration> durations, int percent) {
    List<Duration> sorted = durations.stream().sorted().toList();
    return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }

  /** With many tables to look at, while others write and a snapshot is in the making. */
  @Test
  void whoeverAsksForASnapshotDoesNotWait() throws SQLException {
    Pgbench.initialise(cluster, 5);
    cluster.execute(
        "DO $$ BEGIN FOR i IN 1.."
            + TABLES
            + " LOOP EXECUTE format('CREATE TABLE t%s (i integer PRIMARY KEY, x text)', i);"
            + " END LOOP; END $$");
    List<Duration> durations = new ArrayList<>();
    try (Pgbench _ = Pgbench.start(cluster, 4, 600, TRANSACTIONS);
        Connection connection = cluster.connect();
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < CALLS; i++) {
        String call =
            "SELECT steep_repl.start_snapshot('" + snapshots.path("called_" + i) + "', 'gzip', 2)";
        long begin = System.nanoTime();
        statement.execute(call);
        durations.add(Duration.ofNanos(System.nanoTime() - begin));
      }
      cluster.execute(
          "SELECT steep_repl.cancel_snapshot(snapshot_id) FROM steep_repl.snapshots"
              + " ORDER BY created_at DESC");
      Wait.until(
          cluster::log,
          Snapshots.SOON,
          () ->
              "0"
                  .equals(
                      cluster.value(
                          "SELECT count(*) FROM steep_repl.work_queue"
                              + " WHERE status IN ('pending', 'running') OR needs_undo")));
    }
    System.out.println("SnapshotPromptnessIT: calls " + durations);
    assertThat(at(durations, 50)).as("calls: " + durations).isLessThan(LIMIT);
  }

  @Test
  void whatASnapshotDoesIsSeenAndHeardSoon() throws SQLException {
    Databases.create(
        cluster,
        "watched",
        "CREATE TABLE t AS SELECT i, md5(i::text) || md5((-i)::text) || md5((i * 7)::text) AS x"
            + " FROM generate_series(1, 500000) AS i",
        "CREATE TABLE u AS SELECT * FROM t WHERE i < 100000",
        "CREATE SEQUENCE s");
    List<Duration> ages = new ArrayList<>();
    List<Sight> changes = new ArrayList<>();
    List<Heard> heard = new ArrayList<>();
    try (Connection listening = Databases.connect(cluster, "watched");
        Statement listen = listening.createStatement();
        Connection looking = Databases.connect(cluster, "watched");
        Statement look = looking.createStatement()) {
      listen.execute("LISTEN steep_repl_progress");
      snapshots.start(
          "watched", snapshots.path("watched"), ", 'gzip', 1, p_compression_level => 9");
      String published = "";
      do {
        hear(listening, heard);
        published = look(look, published, ages, changes);
      } while (heard.isEmpty() || !heard.getLast().payload().contains("\"complete\""));
      look(look, published, ages, changes);
    }
    List<Sight> told =
        heard.stream()
            .map(one -> {
              JsonText json = JsonText.of(cluster, one.payload());
              return new Sight(one.nanos(), json.get("phase"), json.number("bytes"));
            })
            .toList();
    List<Duration> delays = changes.stream().map(change -> delay(change, told)).toList();

    System.out.println(
        "SnapshotPromptnessIT: seen within "
            + at(ages, 99)
            + ", heard within "
            + at(delays, 99)
            + " of "
            + changes.size()
            + " changes");

    assertThat(changes).hasSizeGreaterThan(20);
    assertThat(changes).extracting(Sight::phase).doesNotContain(-1);
    assertThat(at(ages, 99)).as("until it is shown: " + ages).isLessThan(LIMIT);
    assertThat(at(delays, 99)).as("until it is told: " + delays).isLessThan(LIMIT);
  }

  /** From the request on, until nobody copies any more. */
  @Test
  void aCancelIsObeyedSoon() {
    Databases.create(
        cluster,
        "ended",
        "CREATE TABLE t AS SELECT i, md5(i::text) || md5((-i)::text) AS x"
            + " FROM generate_series(1, 2000000) AS i");
    String id =
        snapshots.start("ended", snapshots.path("ended"), ", 'gzip', 2, p_compression_level => 9");
    snapshots.awaitRows("ended", id);

    long begin = System.nanoTime();
    assertThat(Databases.value(cluster, "ended", "SELECT steep_repl.cancel_snapshot('" + id + "')"))
        .isEqualTo("t");
    Wait.until(
        cluster::log,
        Snapshots.SOON,
        () ->
            "cancelled 0"
                .equals(
                    Databases.value(
                        cluster,
                        "ended",
                        "SELECT status || ' ' || (SELECT count(*) FROM pg_stat_activity"
                            + " WHERE backend_type LIKE 'steep_repl copy%')"
                            + " FROM steep_repl.snapshots WHERE snapshot_id = '"
                            + id
                            + "'")));
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);
    System.out.println("SnapshotPromptnessIT: cancelled within " + taken);
    assertThat(taken).isLessThan(CANCEL_LIMIT);
  }

  private static void hear(Connection listening, List<Heard> heard) throws SQLException {
    PGNotification[] more = listening.unwrap(PGConnection.class).getNotifications(POLL_MILLIS);
    if (more != null) {
      for (PGNotification one : more) {
        heard.add(new Heard(System.nanoTime(), one.getParameter()));
      }
    }
  }

  /** What was published since the last look has its age now. */
  private static String look(
      Statement statement, String published, List<Duration> ages, List<Sight> changes)
      throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT phase, bytes_processed, updated_at,"
                + " extract(epoch FROM clock_timestamp() - updated_at) * 1e6"
                + " FROM steep_repl.operation_progress()")) {
      if (!row.next()) {
        return published;
      }
      Sight now = new Sight(System.nanoTime(), row.getString(1), row.getLong(2));
      if (changes.isEmpty() || !changes.getLast().isAtLeast(now)) {
        changes.add(now);
      }
      if (!row.getString(3).equals(published)) {
        ages.add(Duration.ofNanos((long) (row.getDouble(4) * 1000)));
      }
      return row.getString(3);
    }
  }

  /** Until a message says at least as much. */
  private static Duration delay(Sight change, List<Sight> told) {
    long first =
        told.stream()
            .filter(one -> one.isAtLeast(change))
            .mapToLong(Sight::nanos)
            .findFirst()
            .orElseThrow(() -> new AssertionError("never told: " + change));
    return Duration.ofNanos(Math.max(0, first - change.nanos()));
  }
}
