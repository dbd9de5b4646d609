package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.apply.Applications;
import org.pgwalrus.snapshot.files.Manifest;

/** Snapshots of live databases: what is in them, and what is left when they come to nothing. */
class SnapshotGenerateIT {

  private static final String WORKERS =
      "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'steep_repl copy%'";
  private static final String SLOTS = "SELECT count(*) FROM pg_replication_slots";

  /** What is written down of a directory cannot be taken back. */
  private static final String STUBBORN =
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
          + " $$BEGIN RAISE EXCEPTION 'no way'; END$$;"
          + "CREATE TRIGGER stubborn BEFORE UPDATE ON steep_repl.snapshots FOR EACH ROW"
          + " WHEN (OLD.directory_begun AND NOT NEW.directory_begun) EXECUTE FUNCTION refuse()";

  private static final int ROWS = 20_000;

  /** More transfers than there is time for. */
  private static final long ENOUGH = 1L << 40;

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute("CREATE ROLE plain LOGIN IN ROLE steep_repl_operator");
    database(
        "rows",
        "CREATE TABLE t AS SELECT i, 'row ' || i || repeat(' more', 9) AS text"
            + " FROM generate_series(1, "
            + ROWS
            + ") AS i");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String database(String name, String... statements) {
    Databases.create(cluster, name, statements);
    return name;
  }

  private static String value(String sql) {
    return String.valueOf(cluster.value(sql));
  }

  private static void awaitNothingLeft() {
    Wait.until("copy workers are left", Snapshots.SOON, () -> value(WORKERS).equals("0"));
    assertThat(value(SLOTS)).isEqualTo("0");
  }

  @ParameterizedTest
  @CsvSource({"none, .csv", "gzip, .csv.gz", "lz4, .csv.lz4", "zstd, .csv.zst"})
  void eachCodecHoldsAllRows(String codec, String suffix) {
    Manifest manifest = snapshots.generate("rows", codec, ", '" + codec + "'");

    Manifest.Table table = Snapshots.find(manifest, "t");
    assertThat(table.parts().getFirst().stored().file()).isEqualTo("data/public.t" + suffix);
    assertThat(snapshots.lines(codec, manifest, "t"))
        .isEqualTo(
            IntStream.rangeClosed(1, ROWS)
                .mapToObj(i -> i + ",row " + i + " more".repeat(9))
                .sorted()
                .toList());
    if (!codec.equals("none")) {
      assertThat(table.sizeBytes()).isLessThan(table.uncompressedBytes() / 2);
    }
    awaitNothingLeft();
  }

  @Test
  void theManifestAndTheRowTellTheSame() {
    String name =
        database(
            "telling", "CREATE TABLE t AS SELECT generate_series(1, 10) AS i; CREATE SEQUENCE s");
    Manifest manifest = snapshots.generate(name, name, ", 'zstd', 2, p_compression_level => 5");

    assertThat(manifest.lsnExact()).isTrue();
    assertThat(manifest.slotName()).isNull();
    assertThat(manifest.database()).isEqualTo(name);
    assertThat(manifest.encoding()).isEqualTo("UTF8");
    assertThat(manifest.sourceNode()).isEqualTo("local");
    assertThat(manifest.serverVersionNum())
        .isEqualTo(Integer.parseInt(value("SELECT current_setting('server_version_num')")));
    assertThat(
            snapshots.of(
                name,
                manifest.snapshotId(),
                "concat_ws(' ', status, phase, overall_percent, lsn, size_bytes, table_count,"
                    + " tables_completed, rows_written, compression)"))
        .isEqualTo(
            "complete complete 100 %s %d 1 1 10 zstd"
                .formatted(manifest.lsn(), manifest.totalSizeBytes()));
    assertThat(manifest.sequences())
        .containsExactly(new Manifest.Sequence("public", "s", 1, false));
  }

  @Test
  void filesAreForTheServersUserAlone() throws IOException {
    String name = database("private_files", "CREATE TABLE t AS SELECT 1 AS i");
    snapshots.generate(name, name, "");
    for (String file : Snapshots.files(snapshots.path(name))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(file))))
          .as(file)
          .isEqualTo(Files.isDirectory(Path.of(file)) ? "rwx------" : "rw-------");
    }
  }

  @Test
  void awkwardTablesAreWhole() {
    String name =
        database(
            "Awkward base",
            "CREATE SCHEMA \"Süd.West\"; CREATE TABLE \"Süd.West\".\"Ta.ble / \"\"1\"\"\""
                + " (\"Co,l\"\"umn\" text, \"%\" integer); INSERT INTO \"Süd.West\".\"Ta.ble /"
                + " \"\"1\"\"\" VALUES (E'a,b\\n\"c\"', NULL), ('', 2), (NULL, 3)",
            "CREATE TABLE mixed (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED,"
                + " c integer GENERATED ALWAYS AS IDENTITY); INSERT INTO mixed (a) VALUES (1), (2)",
            "CREATE TABLE parted (k integer) PARTITION BY RANGE (k);"
                + "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);"
                + "CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20);"
                + "INSERT INTO parted SELECT generate_series(0, 19)",
            "CREATE TABLE parent (p integer); CREATE TABLE child (c integer) INHERITS (parent);"
                + "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 3)",
            "CREATE TABLE none (); CREATE TABLE empty (e integer)",
            "CREATE UNLOGGED TABLE fleeting (f integer); CREATE VIEW seen AS SELECT 1 AS v",
            "CREATE MATERIALIZED VIEW kept AS SELECT 1 AS m",
            "SELECT lo_from_bytea(0, 'a'), lo_from_bytea(0, 'b')",
            "CREATE SEQUENCE used; SELECT nextval('used'), nextval('used')",
            "CREATE SEQUENCE \"Set\" START 7; SELECT setval('\"Set\"', 9, false)");

    Manifest manifest = snapshots.generate(name, "awkward", ", 'none', 3");

    assertThat(manifest.tables())
        .extracting(table -> table.name() + " " + table.rowCount())
        .containsExactly(
            "Ta.ble / \"1\" 3",
            "child 1",
            "empty 0",
            "mixed 2",
            "none 0",
            "parent 1",
            "parted_1 10",
            "parted_2 10");
    assertThat(Snapshots.find(manifest, "mixed").columns()).containsExactly("a", "c");
    assertThat(Snapshots.find(manifest, "mixed").types()).containsExactly("integer", "integer");
    assertThat(manifest.tables())
        .allSatisfy(table ->
            assertThat(table.fingerprint())
                .isEqualTo(
                    Databases.value(
                        cluster,
                        name,
                        "SELECT fingerprint FROM steep_repl.table_fingerprints() WHERE table_name = $$"
                            + table.name()
                            + "$$")));
    assertThat(snapshots.lines("awkward", manifest, "mixed")).containsExactly("1,1", "2,2");
    assertThat(Snapshots.find(manifest, "Ta.ble / \"1\"").columns())
        .containsExactly("Co,l\"umn", "%");
    assertThat(snapshots.lines("awkward", manifest, "Ta.ble / \"1\""))
        .containsExactlyInAnyOrder("\"a,b", "\"\"c\"\"\",", "\"\",2", ",3");
    assertThat(manifest.excluded())
        .containsExactly(
            new Manifest.Excluded("public", "fleeting", "unlogged table"),
            new Manifest.Excluded("pg_catalog", "pg_largeobject", "2 large objects"));
    assertThat(cluster.log())
        .contains("public.fleeting is left out: unlogged table")
        .contains("pg_catalog.pg_largeobject is left out: 2 large objects");
    assertThat(manifest.sequences())
        .containsExactly(
            new Manifest.Sequence("public", "Set", 9, false),
            new Manifest.Sequence("public", "mixed_c_seq", 2, true),
            new Manifest.Sequence("public", "used", 2, true));
  }

  /** Files are in the encoding of the database, the manifest and all statements are in UTF-8. */
  @Test
  void namesAreRightInEveryEncoding() {
    cluster.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    Databases.execute(cluster, "latin", "CREATE EXTENSION steep_repl");
    Databases.execute(cluster, "latin", "CREATE TABLE \"Größe\" AS SELECT 'ä' AS \"Wörter\"");

    Manifest manifest = snapshots.generate("latin", "latin", "");

    assertThat(manifest.encoding()).isEqualTo("LATIN1");
    assertThat(Snapshots.find(manifest, "Größe").columns()).containsExactly("Wörter");
    assertThat(Snapshots.find(manifest, "Größe").uncompressedBytes())
        .as("a header of six letters and a row of one, each with the end of its line")
        .isEqualTo(9);
  }

  @Test
  void aDatabaseWithoutTablesHasASnapshotToo() {
    String name = database("bare");
    assertThat(snapshots.generate(name, name, "").tables()).isEmpty();
  }

  @Test
  void tablesAreChosenByName() {
    String name =
        database(
            "chosen",
            "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.x(); CREATE TABLE a.y();"
                + "CREATE TABLE b.x(); CREATE TABLE b.\"Z z\"()");
    String[][] choices = {
      {"p_include_schemas => '{a}'", "a.x a.y"},
      {"p_exclude_schemas => '{a}'", "b.Z z b.x"},
      {"p_include_tables => '{x}'", "a.x b.x"},
      {"p_include_tables => '{b.x,\"b.\\\"Z z\\\"\"}'", "b.Z z b.x"},
      {"p_exclude_tables => '{a.x,y}'", "b.Z z b.x"}
    };
    for (int i = 0; i < choices.length; i++) {
      Manifest manifest = snapshots.generate(name, "chosen" + i, ", " + choices[i][0]);
      assertThat(
              String.join(
                  " ", manifest.tables().stream().map(t -> t.schema() + "." + t.name()).toList()))
          .as(choices[i][0])
          .isEqualTo(choices[i][1]);
    }
  }

  /** The snapshot is of before that, and would show no rows of a table that is empty by now. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRUNCATE t",
        "ALTER TABLE t ALTER i TYPE bigint",
        "ALTER TABLE t RENAME TO u; CREATE TABLE t (i integer); GRANT SELECT ON t TO plain"
      })
  void whatIsEmptiedBeforeItIsLockedFailsTheJob(String change) throws SQLException {
    String name =
        database(
            "changed" + change.length(),
            "CREATE TABLE t AS SELECT 1 AS i; GRANT SELECT ON t TO plain");
    cluster.execute("GRANT pg_write_server_files TO plain");
    String id;
    try (Connection holder = Databases.connect(cluster, name);
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute(change);
      id = startAs("plain", name, snapshots.path(name));
      Wait.until(
          cluster::log,
          Snapshots.SOON,
          () ->
              !"0"
                  .equals(
                      Databases.value(
                          cluster,
                          name,
                          "SELECT count(*) FROM pg_locks"
                              + " WHERE NOT granted AND relation = 't'::regclass")));
      holder.commit();
    }
    snapshots.await(name, id, "failed");
    cluster.execute("REVOKE pg_write_server_files FROM plain");

    assertThat(snapshots.of(name, id, "error_message")).contains("public.t", "40001");
    assertThat(Path.of(snapshots.path(name))).doesNotExist();
  }

  /** Money only moves: whoever sees all tables at one instant sees the same sum. */
  @Test
  void allTablesAreOfOneInstant() throws Exception {
    String name =
        database(
            "transfers",
            "CREATE TABLE a AS SELECT i AS id, 1000 AS money FROM generate_series(1, 50000) AS i",
            "CREATE TABLE b AS SELECT * FROM a; ALTER TABLE a ADD PRIMARY KEY (id);"
                + "ALTER TABLE b ADD PRIMARY KEY (id)");
    AtomicLong transfers = new AtomicLong();
    List<FutureTask<Boolean>> writers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int seed = i;
      writers.add(new FutureTask<>(() -> transfer(name, seed, transfers), true));
    }
    writers.forEach(Thread.ofPlatform()::start);
    for (int round = 0; round < 3; round++) {
      long before = transfers.get();
      Manifest manifest = snapshots.generate(name, name + round, ", 'none', 2");
      assertThat(transfers.get()).isGreaterThan(before);
      long sum = 0;
      for (String table : new String[] {"a", "b"}) {
        List<String> lines = snapshots.lines(name + round, manifest, table);
        assertThat(lines).hasSize(50000);
        sum +=
            lines.stream()
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(44) + 1)))
                .sum();
      }
      assertThat(sum).isEqualTo(100_000_000);
    }
    transfers.set(ENOUGH);
    for (FutureTask<Boolean> writer : writers) {
      assertThat(writer.get()).isTrue();
    }
  }

  private static void transfer(String database, int seed, AtomicLong transfers) {
    try (Connection connection = Databases.connect(cluster, database);
        Statement statement = connection.createStatement()) {
      for (int i = seed; transfers.getAndIncrement() < ENOUGH; i++) {
        int from = Math.floorMod(i * 7919, 50000) + 1;
        int to = Math.floorMod(i * 104729, 50000) + 1;
        statement.execute(
            "BEGIN; UPDATE a SET money = money - 1 WHERE id = "
                + from
                + "; UPDATE b SET money = money + 1 WHERE id = "
                + to
                + "; COMMIT");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aLargeTableIsReadInParts() {
    String name =
        database(
            "large",
            "CREATE TABLE big AS SELECT i, repeat(md5(i::text), 30) AS filler"
                + " FROM generate_series(1, 200000) AS i");

    Manifest manifest = snapshots.generate(name, name, ", 'lz4', 2");

    Manifest.Table table = Snapshots.find(manifest, "big");
    assertThat(table.parts()).hasSizeGreaterThan(1);
    assertThat(table.rowCount()).isEqualTo(200000);
    assertThat(snapshots.lines(name, manifest, "big").stream().distinct()).hasSize(200000);
  }

  @Test
  void aKeptSlotStaysAndBeginsAtTheSnapshot() {
    String name = database("slotted", "CREATE TABLE t (i integer PRIMARY KEY)");
    Manifest manifest = snapshots.generate(name, name, ", p_keep_slot => true");

    assertThat(
            value(
                "SELECT slot_name || ' ' || confirmed_flush_lsn || ' ' || temporary FROM"
                    + " pg_replication_slots"))
        .isEqualTo(manifest.slotName() + " " + manifest.lsn() + " false");
    assertThat(
            Databases.value(
                cluster, name, "SELECT slot_name || ' ' || lsn FROM steep_repl.init_slots"))
        .isEqualTo(manifest.slotName() + " " + manifest.lsn());
    cluster.execute("SELECT pg_drop_replication_slot('" + manifest.slotName() + "')");
  }

  /** What is last of all fails, when the slot has been kept. */
  @Test
  void aSlotIsNotKeptForASnapshotThatFailsAtTheEnd() {
    String name =
        database(
            "late",
            "CREATE TABLE t (i integer PRIMARY KEY)",
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
                + " AS $$BEGIN RAISE 'no manifest, slots: %', (SELECT count(*)"
                + " FROM pg_replication_slots WHERE NOT temporary); END$$",
            "CREATE TRIGGER refuse BEFORE UPDATE OF manifest ON steep_repl.snapshots"
                + " FOR EACH ROW EXECUTE FUNCTION refuse()");
    String id = snapshots.start(name, snapshots.path(name), ", p_keep_slot => true");
    snapshots.await(name, id, "failed");

    assertThat(snapshots.of(name, id, "error_message")).contains("no manifest, slots: 1");
    Wait.until("the slot is left", Snapshots.SOON, () -> "0".equals(value(SLOTS)));
    assertThat(Path.of(snapshots.path(name))).doesNotExist();
  }

  /** It has been recorded, and then the job fails. */
  @Test
  void nothingIsRecordedOfASnapshotThatFailsAfterAll() {
    String name =
        database(
            "too_late",
            "CREATE TABLE t (i integer PRIMARY KEY)",
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
                + " AS $$BEGIN RAISE 'not complete'; END$$",
            "CREATE TRIGGER refuse BEFORE UPDATE ON steep_repl.snapshots FOR EACH ROW"
                + " WHEN (NEW.status = 'complete') EXECUTE FUNCTION refuse()");
    String id = snapshots.start(name, snapshots.path(name), ", p_keep_slot => true");
    snapshots.await(name, id, "failed");

    Wait.until("the slot is left", Snapshots.SOON, () -> "0".equals(value(SLOTS)));
    Wait.until(
        "it is recorded",
        Snapshots.SOON,
        () ->
            snapshots
                .of(
                    name,
                    id,
                    "concat_ws(' ', lsn, checksum, manifest,"
                        + " (SELECT slot_name FROM steep_repl.init_slots))")
                .isEmpty());

    Databases.execute(cluster, name, "DROP TRIGGER refuse ON steep_repl.snapshots");
    Databases.execute(
        cluster,
        name,
        "SELECT steep_repl.retry_operation(id) FROM steep_repl.work_queue WHERE snapshot_id = '"
            + id
            + "'");
    snapshots.await(name, id, "complete");
    assertThat(Databases.value(cluster, name, "SELECT steep_repl.delete_snapshot('" + id + "')"))
        .isEqualTo("t");
  }

  @Test
  void aRoleWithoutReplicationTakesOneThatIsNotExact() {
    String name =
        database("inexact", "CREATE TABLE t AS SELECT 1 AS i; GRANT SELECT ON t TO plain");
    cluster.execute("GRANT pg_write_server_files TO plain");
    String id = startAs("plain", name, snapshots.path(name));
    snapshots.await(name, id, "complete");

    assertThat(snapshots.of(name, id, "manifest ->> 'lsn_exact'")).isEqualTo("false");
    assertThat(snapshots.of(name, id, "requested_by")).isEqualTo("plain");
    cluster.execute("REVOKE pg_write_server_files FROM plain");
  }

  private static String startAs(String role, String database, String path) {
    try (Connection connection = cluster.connect(role, database);
        Statement statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT snapshot_id FROM steep_repl.start_snapshot('" + path + "')")) {
      rows.next();
      return rows.getString(1);
    } catch (SQLException e) {
      return e.getSQLState() + " " + e.getMessage();
    }
  }

  @Test
  void whoMayNotReadATableOrWriteAFileIsRefusedAtOnce() {
    String name = database("refused", "CREATE TABLE secret AS SELECT 1 AS i");

    assertThat(startAs("plain", name, snapshots.path(name)))
        .startsWith("42501 ERROR: permission denied for snapshot path");
    cluster.execute("GRANT pg_write_server_files TO plain");
    assertThat(startAs("plain", name, snapshots.path(name)))
        .startsWith("42501 ERROR: permission denied for tables public.secret");
    cluster.execute("REVOKE pg_write_server_files FROM plain");
    assertThat(Databases.value(cluster, name, "SELECT count(*) FROM steep_repl.work_queue"))
        .isEqualTo("0");
  }

  /** A job that was queued around start_snapshot() is held to the same rules. */
  @Test
  void theWorkerLooksAgain() {
    String name = database("evaded", "CREATE TABLE t AS SELECT 1 AS i; GRANT SELECT ON t TO plain");
    String path = snapshots.path(name);
    try (Connection connection = cluster.connect("plain", name);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT steep_repl.enqueue('snapshot_generate', NULL, NULL, '{\"output_path\": \""
              + path
              + "\", \"compression\": \"none\", \"parallel\": 1}', NULL)");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    Wait.until(
        "failed",
        Snapshots.SOON,
        () ->
            "failed"
                .equals(
                    Databases.value(
                        cluster, name, "SELECT max(status) FROM steep_repl.snapshots")));

    assertThat(Databases.value(cluster, name, "SELECT error_message FROM steep_repl.snapshots"))
        .startsWith("permission denied for snapshot path");
    assertThat(Path.of(path)).doesNotExist();
  }

  @Test
  void aDirectoryThatAJobOfAnotherDatabaseFillsIsLeftAlone() throws SQLException {
    String path = snapshots.path("contested");
    Databases.create(cluster, "rival", "CREATE TABLE t ()");
    Databases.create(cluster, "filler", "CREATE TABLE held (i integer)");
    String first;
    try (Connection holder = Databases.connect(cluster, "filler");
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE held");
      first = snapshots.start("filler", path, "");
      Wait.until(cluster::log, Snapshots.SOON, () -> Files.exists(Path.of(path, "data")));
      String second = snapshots.queue("rival", path);
      snapshots.await("rival", second, "failed");
      assertThat(snapshots.of("rival", second, "error_message")).contains("is not empty");
      holder.rollback();
    }
    snapshots.await("filler", first, "complete");
    assertThat(snapshots.whole("filler", first, path).snapshotId()).isEqualTo(first);
    assertThat(Snapshots.files(path)).noneMatch(file -> file.contains("owner."));
  }

  /** An old job would find the files of the newest one, and remove them as its own. */
  @Test
  void whatAnotherTryHasMadeIsNotMadeAgain() throws IOException {
    Databases.create(cluster, "tried", "CREATE TABLE t ()");
    String path = snapshots.path("tried");
    Path obstacle = Files.createDirectory(Path.of(path));
    Files.writeString(obstacle.resolve("obstacle"), "");
    Installation.get().give(obstacle);
    String id = snapshots.queue("tried", path);
    snapshots.await("tried", id, "failed");
    String first = latest();
    Applications jobs = new Applications(cluster);
    jobs.await("tried", first, "failed");
    String second = retry(first);
    jobs.await("tried", second, "failed");
    Files.delete(obstacle.resolve("obstacle"));
    jobs.await("tried", retry(second), "complete");

    for (String again :
        List.of(
            "SELECT steep_repl.retry_operation(" + first + ")",
            "SELECT steep_repl.enqueue('snapshot_generate', '" + id + "', NULL, '{}', NULL)")) {
      assertThatThrownBy(() -> Databases.execute(cluster, "tried", again))
          .hasStackTraceContaining("snapshot \"" + id + "\" is there already");
    }
    assertThat(snapshots.whole("tried", id, path).snapshotId()).isEqualTo(id);
  }

  private static String latest() {
    return String.valueOf(
        Databases.value(cluster, "tried", "SELECT max(id) FROM steep_repl.work_queue"));
  }

  private static String retry(String job) {
    return String.valueOf(
        Databases.value(
            cluster, "tried", "SELECT id FROM steep_repl.retry_operation(" + job + ")"));
  }

  @Test
  void aDirectoryThatIsNotEmptyIsLeftAlone() throws IOException {
    String name = database("occupied", "CREATE TABLE t AS SELECT 1 AS i");
    snapshots.generate(name, name, "");
    List<String> before = Snapshots.files(snapshots.path(name));

    Databases.execute(cluster, name, STUBBORN);
    String id = snapshots.queue(name, snapshots.path(name));
    snapshots.await(name, id, "failed");

    assertThat(snapshots.of(name, id, "error_message")).contains("is not empty");
    assertThat(Snapshots.files(snapshots.path(name))).isEqualTo(before).isNotEmpty();
    assertThat(cluster.log()).contains("could not write down that no directory was made: no way");
    String inside = cluster.data().resolve("snapshot").toString();
    String other = snapshots.queue(name, inside);
    snapshots.await(name, other, "failed");
    assertThat(Path.of(inside)).doesNotExist();
    awaitNothingLeft();
  }

  @Test
  void rowsThatAPolicyHidesAreMissedLoudly() {
    String name =
        database(
            "policed",
            "CREATE TABLE t AS SELECT 1 AS i; GRANT SELECT ON t TO plain;"
                + "ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
                + "CREATE POLICY none ON t USING (false)");
    cluster.execute("GRANT pg_write_server_files TO plain");
    String id = startAs("plain", name, snapshots.path(name));
    snapshots.await(name, id, "failed");
    cluster.execute("REVOKE pg_write_server_files FROM plain");

    assertThat(snapshots.of(name, id, "error_message"))
        .contains("row-level security policy for table \"t\"");
    assertThat(Snapshots.files(snapshots.path(name))).isEmpty();
  }

  private static String tornDatabase(String name) {
    return database(
        name,
        "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t AS SELECT 'ok'::mood AS m",
        "SET allow_system_table_mods = on; DELETE FROM pg_enum"
            + " WHERE enumtypid = 'mood'::regtype");
  }

  @Test
  void whatCannotBeRemovedDoesNotKeepTheRestOfTheUndo() throws IOException {
    String name = tornDatabase("fixed");
    try (FixedDirectory fixed = new FixedDirectory(snapshots.place(), name)) {
      String id = snapshots.start(name, fixed.path().toString(), "");
      snapshots.await(name, id, "failed");
      Wait.until(
          cluster::log,
          Snapshots.SOON,
          () ->
              "f"
                  .equals(
                      Databases.value(
                          cluster, name, "SELECT needs_undo FROM steep_repl.work_queue")));

      assertThat(fixed.path()).isEmptyDirectory();
      assertThat(cluster.log()).contains(fixed.path() + "\": permission denied; the files");
    }
  }

  @Test
  void aRowThatCannotBeReadIsToldWithItsTable() {
    String name = tornDatabase("torn");
    String id = snapshots.start(name, snapshots.path(name), "");
    snapshots.await(name, id, "failed");

    assertThat(snapshots.of(name, id, "error_message"))
        .startsWith("table public.t: invalid internal value for enum");
    assertThat(Snapshots.files(snapshots.path(name))).isEmpty();
    awaitNothingLeft();
  }

  @Test
  void aCancelLeavesNothing() throws SQLException {
    String name =
        database(
            "cancelled",
            "CREATE TABLE slow (i integer PRIMARY KEY)",
            "CREATE TABLE held (i integer PRIMARY KEY)");
    try (Connection holder = Databases.connect(cluster, name);
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE held");
      String id = snapshots.start(name, snapshots.path(name), ", 'none', 2");
      Wait.until(
          "a copier that waits",
          Snapshots.SOON,
          () -> !value(WORKERS).equals("0") && value(SLOTS).equals("1"));
      assertThat(Databases.value(cluster, name, "SELECT steep_repl.cancel_snapshot('" + id + "')"))
          .isEqualTo("t");
      snapshots.await(name, id, "cancelled");
      Wait.until(
          "files are left", Snapshots.SOON, () -> Snapshots.files(snapshots.path(name)).isEmpty());
    }
    awaitNothingLeft();
  }
}
