package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.Skip;
import org.pgwalrus.cluster.TestCluster;

/** What verify_snapshot() finds out about files, whoever has been at them. */
class SnapshotVerifyIT {

  private static final String EMPTY =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster = TestCluster.create().set("walrus.enable", "off").start();
    snapshots = Snapshots.of(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
    for (int i = 0; i < 10; i++) {
      cluster.execute("CREATE TABLE t" + i + " AS SELECT generate_series(1, 1000) AS i");
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Path generate(String name) {
    snapshots.generate("postgres", name, "");
    return Path.of(snapshots.path(name));
  }

  private static List<String> verify(Path path) {
    return cluster.column(
        "SELECT concat_ws(' ', file, status) FROM steep_repl.verify_snapshot('" + path + "')");
  }

  private static String detail(Path path, String file) {
    return String.valueOf(
        cluster.value(
            "SELECT detail FROM steep_repl.verify_snapshot('"
                + path
                + "') WHERE file = '"
                + file
                + "'"));
  }

  private static Path table(Path path, int number) {
    return path.resolve("data/public.t" + number + ".csv");
  }

  /** Makes a directory with files as the server's user has them. */
  private static Path make(String name, String manifest) throws IOException {
    Path path = Files.createDirectories(Path.of(snapshots.path(name)));
    Files.writeString(path.resolve("manifest.json"), manifest);
    Installation.get().give(path);
    return path;
  }

  /** A manifest of format 1 with one table, in that file. */
  private static String manifest(String file, long size) {
    return """
    {"snapshot_id": "snap_1", "sequences": [], "tables": [{"schema": "s", "name": "t",
     "file": "%s", "size_bytes": %d, "checksum": "sha256:%s"}]}\
    """
        .formatted(file, size, EMPTY);
  }

  @Test
  void allFilesAreToldAndRightAtFirst() {
    Path path = generate("right");

    assertThat(verify(path)).hasSize(13).startsWith("manifest.json ok", "schema.sql ok");
    assertThat(verify(path)).allMatch(file -> file.endsWith(" ok"));
    assertThat(detail(path, "manifest.json")).isEqualTo("null");
    assertThat(
            cluster.value("SELECT steep_repl.read_manifest('" + path + "') ->> 'format_version'"))
        .isEqualTo("2");
  }

  @Test
  void eachFileIsJudgedByItself() throws IOException {
    Path path = generate("damaged");
    Path elsewhere = Path.of(snapshots.path("elsewhere.csv"));
    Files.copy(table(path, 4), elsewhere);
    Files.delete(table(path, 0));
    Files.writeString(table(path, 1), "i\n1\n");
    flip(table(path, 2), 1234);
    Files.writeString(table(path, 3), Files.readString(table(path, 3)) + "1\n");
    Files.delete(table(path, 4));
    Files.createSymbolicLink(table(path, 4), elsewhere);
    Files.delete(table(path, 5));
    Programs.run(List.of("mkfifo", table(path, 5).toString()));
    Files.delete(table(path, 6));
    Files.createDirectory(table(path, 6));
    Installation.get().give(path);
    Files.setPosixFilePermissions(table(path, 7), PosixFilePermissions.fromString("rw-rw-rw-"));
    Files.setPosixFilePermissions(table(path, 8), PosixFilePermissions.fromString("---------"));

    assertThat(verify(path))
        .containsExactly(
            "manifest.json ok",
            "schema.sql ok",
            "schema.dump ok",
            "data/public.t0.csv missing",
            "data/public.t1.csv size",
            "data/public.t2.csv checksum",
            "data/public.t3.csv size",
            "data/public.t4.csv forbidden",
            "data/public.t5.csv forbidden",
            "data/public.t6.csv forbidden",
            "data/public.t7.csv forbidden",
            "data/public.t8.csv unreadable",
            "data/public.t9.csv ok");
    assertThat(detail(path, "data/public.t1.csv")).contains("4 bytes instead of ");
    assertThat(detail(path, "data/public.t5.csv")).isEqualTo("is not a regular file");
  }

  private static void flip(Path file, int at) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int value = bytes.read();
      bytes.seek(at);
      bytes.write(value ^ 1);
    }
  }

  @Test
  void whatOthersCouldChangeIsNotRead() throws IOException {
    Path path = generate("open");
    Path data = path.resolve("data");
    Path moved = Path.of(snapshots.path("moved"));
    Files.move(data, moved);
    Files.createSymbolicLink(data, moved);
    assertThat(verify(path)).filteredOn(file -> file.endsWith(" forbidden")).hasSize(10);
    Files.delete(data);
    Files.move(moved, data);
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(verify(path)).filteredOn(file -> file.endsWith(" forbidden")).hasSize(10);
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    assertThat(verify(path)).allMatch(file -> file.endsWith(" ok"));

    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertFails(path, "42501", "is writable by everybody");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(verify(path)).allMatch(file -> file.endsWith(" ok"));
  }

  @Test
  void whatBelongsToOthersIsNotRead() throws IOException {
    Skip.unlessRoot();
    Path path = generate("strange");
    Files.setAttribute(table(path, 1), "unix:uid", 0);
    assertThat(verify(path)).contains("data/public.t1.csv forbidden");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setAttribute(path, "unix:uid", 0);
    assertFails(path, "42501", "belongs to another OS user");
  }

  private static void assertFails(Path path, String state, String message) {
    assertFails("postgres", path.toString(), state, message);
  }

  private static void assertFails(String role, String path, String state, String message) {
    var error = cluster.error(role, "SELECT * FROM steep_repl.verify_snapshot('" + path + "')");
    assertThat(error.getMessage()).contains(message);
    assertThat(error.getSQLState()).isEqualTo(state);
  }

  @Test
  void manifestsThatLieAreRefused() throws IOException {
    for (String file :
        List.of(
            "../secret",
            "/etc/passwd",
            "data/../../secret",
            "./t",
            "a//b",
            "manifest.json",
            "a\\\\b",
            "a/b/c/d/e/f/g/h/i",
            "",
            "x".repeat(256))) {
      assertFails(make("lying", manifest(file, 0)), "SR003", "$.tables[0]");
    }
    for (String text :
        List.of("", "[]", "null", "{", "{\"a\": \"\\u0000\"}", "{\"format_version\": 3}")) {
      assertFails(make("lying", text), "SR003", "is not legal: $");
    }
    assertFails(make("lying", manifest("t", -1)), "SR003", "size_bytes is out of range");
    assertFails(make("lying", manifest("t", 0).replace("e3b", "E3B")), "SR003", "checksum");
    assertFails(make("lying", manifest("t", 0).replace("snap_1", "1")), "SR003", "$.snapshot_id");
    assertFails(
        make("lying", "[".repeat(1_000_000) + "]".repeat(1_000_000)), "54000", "more than this");
    Files.write(make("lying", "").resolve("manifest.json"), new byte[] {'"', (byte) 0xff, '"'});
    assertFails(Path.of(snapshots.path("lying")), "SR003", "is not in UTF-8");
    try (RandomAccessFile huge =
        new RandomAccessFile(snapshots.path("lying/manifest.json"), "rw")) {
      huge.setLength(300L << 20);
    }
    assertFails(Path.of(snapshots.path("lying")), "SR003", "has 314572800 bytes");
  }

  @Test
  void aChangedManifestIsFoundOut() throws IOException {
    Path path = generate("changed");
    flip(path.resolve("manifest.json"), 50);
    assertFails(path, "SR003", "has not the checksum that manifest.sha256 tells");
    Files.delete(path.resolve("manifest.json"));
    assertFails(path, "58P01", "holds no complete snapshot");
    Files.createSymbolicLink(path.resolve("manifest.json"), Path.of("/etc/passwd"));
    assertFails(path, "42501", "manifest.json\" is not a regular file");
  }

  @Test
  void noPathLeadsToOtherPlaces() throws IOException {
    Path place = Path.of(snapshots.path("links"));
    Files.createDirectory(place);
    Files.createSymbolicLink(place.resolve("data"), cluster.data());
    Files.createSymbolicLink(place.resolve("wal"), cluster.data().resolve("pg_wal"));
    Path tablespace = Files.createDirectories(place.resolve("tablespace"));
    Installation.get().give(tablespace);
    cluster.execute("CREATE TABLESPACE elsewhere LOCATION '" + tablespace + "'");

    assertFails(cluster.data(), "42501", "inside the data directory");
    assertFails(cluster.data().resolve("base"), "42501", "inside the data directory");
    assertFails(place.resolve("data"), "42501", "inside the data directory");
    assertFails(place.resolve("data/base"), "42501", "inside the data directory");
    assertFails(place.resolve("wal"), "42501", "inside the data directory");
    assertFails(tablespace, "42501", "or a tablespace");
    assertFails(
        Path.of(Snapshots.files(tablespace.toString()).getFirst()), "42501", "or a tablespace");
    assertFails(place.resolve("nothing"), "58P01", "could not open directory");
    assertFails("postgres", place + "/../links", "22023", "invalid snapshot path");
    assertFails("postgres", "links", "22023", "invalid snapshot path");
    assertFails("postgres", "/proc/self/cwd", "42501", "inside the data directory");
    assertFails("postgres", "/dev/null", "58P01", "could not open directory");
    cluster.execute("DROP TABLESPACE elsewhere");
  }

  @Test
  void thePlaceIsUpToRoleAndSetting() throws IOException {
    Path path = generate("placed");
    Path root = Files.createDirectories(Path.of(snapshots.path("root")));
    Path inside = root.resolve("inside");
    Files.createDirectory(inside);
    Files.writeString(inside.resolve("manifest.json"), manifest("t", 0));
    Files.createFile(inside.resolve("t"));
    Installation.get().give(root);
    Files.createSymbolicLink(root.resolve("out"), path);
    Files.createSymbolicLink(root.resolve("self"), root);
    cluster.execute("CREATE ROLE reader LOGIN IN ROLE steep_repl_operator, pg_read_server_files");
    cluster.execute("CREATE ROLE other LOGIN IN ROLE steep_repl_operator");
    cluster.execute("CREATE ROLE nobody LOGIN");

    assertFails("nobody", inside.toString(), "42501", "permission denied for function");
    assertFails("other", inside.toString(), "42501", "permission denied for snapshot path");
    assertThat(
            cluster
                .error("other", "SELECT steep_repl.stored_manifest('" + inside + "')")
                .getSQLState())
        .isEqualTo("42501");
    assertThat(verify("reader", inside)).isEqualTo("2");
    cluster.alterSystem("steep_repl.snapshot_directory", root.toString());
    cluster.reload();
    assertThat(verify("other", inside)).isEqualTo("2");
    assertFails(path, "22023", "is not below");
    assertFails(root.resolve("out"), "42501", "leads out of the one");
    assertFails(root.resolve("self"), "42501", "leads out of the one");
    cluster.execute("ALTER SYSTEM RESET steep_repl.snapshot_directory");
    cluster.reload();
  }

  private static String verify(String role, Path path) {
    try (var session = cluster.connect(role);
        var statement = session.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT count(*) FROM steep_repl.verify_snapshot('"
                    + path
                    + "') WHERE status = 'ok'")) {
      return rows.next() ? rows.getString(1) : "";
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(cluster.log(), e);
    }
  }

  /** Nothing of a file of a terabyte is kept, and the wish to stop is heard within it. */
  @Test
  void theReadingOfALargeFileCanBeCancelled() throws IOException {
    Path path = make("large", manifest("t", 1L << 40));
    try (RandomAccessFile large = new RandomAccessFile(path.resolve("t").toFile(), "rw")) {
      large.setLength(1L << 40);
    }
    Installation.get().give(path);
    var error =
        cluster.error(
            "SET statement_timeout = '500ms'; SELECT steep_repl.verify_snapshot('" + path + "')");
    assertThat(error.getSQLState()).isEqualTo("57014");
  }

  /** Descriptors that an error left open would come to thousands. */
  @Test
  void noDescriptorIsLeftOpen() throws IOException {
    Path path = make("leaks", manifest("t", 0));
    cluster.execute(
        """
        DO $$
        DECLARE
          before integer := (SELECT count(*) FROM pg_ls_dir('/proc/self/fd'));
        BEGIN
          FOR i IN 1..3000 LOOP
            BEGIN
              PERFORM steep_repl.verify_snapshot('%1$s');
              PERFORM steep_repl.verify_snapshot('%1$s/t');
              RAISE 'no error';
            EXCEPTION WHEN undefined_file OR insufficient_privilege THEN
              NULL;
            END;
          END LOOP;
          ASSERT (SELECT count(*) FROM pg_ls_dir('/proc/self/fd')) <= before + 5;
        END
        $$\
        """
            .formatted(path));
    assertThat(IntStream.range(0, 3).mapToObj(i -> verify(path)))
        .allMatch(files -> files.equals(List.of("manifest.json ok", "t missing")));
  }
}
