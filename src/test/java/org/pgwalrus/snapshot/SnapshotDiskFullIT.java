package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.RamDisk;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.apply.Applications;

/** A disk that is full, and then is not, under the files of a snapshot and under its tables. */
class SnapshotDiskFullIT {

  private static final int DISK_MB = 32;

  /** Less than the files need in any compression. */
  private static final int ROOM_MB = 2;

  /** Random, so that no codec makes little of it: 6 MB of text, and 8 MB of table. */
  private static final String ROWS =
      "INSERT INTO t SELECT i, md5(random()::text) || md5(random()::text)"
          + " FROM generate_series(1, 80000) AS i; INSERT INTO u SELECT i FROM t";

  private static final String TABLES =
      "CREATE TABLE t (i integer PRIMARY KEY, filler text);"
          + "CREATE TABLE u (i integer REFERENCES t);"
          + "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
          + "CREATE TRIGGER trigger BEFORE INSERT ON u FOR EACH ROW EXECUTE FUNCTION nothing();";

  private static final String WORKERS =
      "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'steep_repl copy%')"
          + " + (SELECT count(*) FROM pg_replication_slots)";

  private static TestCluster cluster;
  private static Snapshots snapshots;
  private static Applications applications;
  private static Path place;
  private static RamDisk disk;

  @BeforeAll
  static void start() throws IOException {
    RamDisk.assumePossible();
    cluster = Snapshots.server();
    place = cluster.directory().resolve("small");
    disk = cluster.onRamDisk(place, DISK_MB);
    cluster.start();
    snapshots = Snapshots.of(cluster);
    applications = new Applications(cluster);
    database("source");
    Databases.execute(cluster, "source", TABLES + ROWS);
    Installation.get().give(Files.createDirectory(place.resolve("space")));
    cluster.execute("CREATE TABLESPACE small LOCATION '" + place.resolve("space") + "'");
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @AfterEach
  void makeRoom() {
    disk.empty();
  }

  private static void database(String name) {
    cluster.execute("CREATE DATABASE " + name);
    Databases.execute(cluster, name, "CREATE EXTENSION steep_repl");
  }

  private static String value(String database, String sql) {
    return String.valueOf(Databases.value(cluster, database, sql));
  }

  /** All of the disk but some room. */
  private static void fill(int room) {
    try {
      Path kept = Files.write(place.resolve("room"), new byte[room << 20]);
      disk.fill();
      Files.delete(kept);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitNothingLeft() {
    Wait.until(
        "workers or slots are left", Snapshots.SOON, () -> value("postgres", WORKERS).equals("0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "lz4", "zstd"})
  void aTableThatDoesNotFitFailsTheSnapshotAndLeavesNothing(String codec) {
    String path = place.resolve(codec).toString();
    fill(ROOM_MB);
    String id = snapshots.start("source", path, ", '" + codec + "', 2");
    snapshots.await("source", id, "failed");
    awaitNothingLeft();

    assertThat(snapshots.of("source", id, "error_message"))
        .contains(path + "/data/public.t", "no space left on device", "SQLSTATE 53100", "HINT: ");
    Wait.until("files are left", Snapshots.SOON, () -> !Files.exists(Path.of(path)));
    disk.empty();

    value(
        "source",
        "SELECT steep_repl.retry_operation(id) FROM steep_repl.work_queue"
            + " WHERE snapshot_id = '"
            + id
            + "'");
    snapshots.await("source", id, "complete");
    assertThat(Snapshots.find(snapshots.whole("source", id, path), "t").rowCount())
        .isEqualTo(80000);
    value("source", "SELECT steep_repl.delete_snapshot('" + id + "', true)");
    Wait.until("files are left", Snapshots.SOON, () -> !Files.exists(Path.of(path)));
  }

  @Test
  void aSchemaThatDoesNotFitFailsTheSnapshotAndLeavesNothing() {
    String path = place.resolve("nothing").toString();
    fill(0);
    String id = snapshots.start("source", path, ", p_include_tables => '{}'");
    snapshots.await("source", id, "failed");
    awaitNothingLeft();

    assertThat(snapshots.of("source", id, "error_message"))
        .contains(path + "/schema.", "no space left on device", "SQLSTATE 53100");
    Wait.until("files are left", Snapshots.SOON, () -> !Files.exists(Path.of(path)));
  }

  @Test
  void aTableWithoutRoomFailsTheApplicationAndAnotherTryGoesOn() {
    snapshots.generate("source", "whole", "");
    database("target");
    Databases.execute(
        cluster,
        "target",
        TABLES + "ALTER TABLE t SET TABLESPACE small; ALTER TABLE u SET TABLESPACE small");
    String schema = DatabaseImage.of(cluster, "target").schema().toString();
    fill(ROOM_MB);
    String job = applications.start("target", snapshots.path("whole"), ", 2");
    applications.await("target", job, "failed");
    awaitNothingLeft();

    assertThat(applications.of("target", job, "error_message"))
        // The last page may find room for a part of it, which the server tells in other words.
        .contains("could not extend file", "SQLSTATE 53100")
        .containsPattern("COPY [tu], line ");
    assertThat(value("target", "SELECT count(*) FROM t")).isEqualTo("0");
    assertThat(value("target", "SELECT count(*) FROM steep_repl.disabled_triggers")).isEqualTo("0");
    assertThat(
            value(
                "target",
                "SELECT string_agg(conname, '') FROM pg_constraint WHERE contype = 'f'"
                    + " AND connamespace = 'public'::regnamespace"))
        .isEqualTo("u_i_fkey");
    disk.empty();

    String retry = value("target", "SELECT id FROM steep_repl.retry_operation(" + job + ")");
    applications.await("target", retry, "complete");
    assertThat(DatabaseImage.of(cluster, "target").tables())
        .isEqualTo(DatabaseImage.of(cluster, "source").tables());
    assertThat(DatabaseImage.of(cluster, "target").schema().toString()).isEqualTo(schema);
    cluster.execute("DROP DATABASE target WITH (FORCE)");
  }
}
