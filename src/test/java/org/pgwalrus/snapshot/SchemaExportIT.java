package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.SignalMasks;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.files.StoredFile;

/** The schema of a snapshot is what pg_dump says of the same database. */
class SchemaExportIT {

  private static final String WORKERS =
      "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'steep_repl copy%'";

  private static final String JOB = " FROM steep_repl.work_queue WHERE status = 'running'";
  private static final String EXTENSION =
      "(?s)--\n-- Name: (EXTENSION )?steep_repl; Type: (EXTENSION|COMMENT);.*?;\n\n\n";
  private static final String WAITING =
      WORKERS + " AND wait_event_type = 'Lock' AND query LIKE '%LOCK TABLE%'";

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster =
        TestCluster.create()
            .set("walrus.enable", "off")
            // A slot would wait for the transactions that hold locks here.
            .set("wal_level", "replica")
            .set("max_worker_processes", "16")
            .start();
    snapshots = Snapshots.of(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute("CREATE ROLE plain LOGIN IN ROLE steep_repl_operator, pg_write_server_files");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String database(String name, String options, String... statements) {
    cluster.execute("CREATE DATABASE \"" + name + "\"" + options);
    Databases.execute(cluster, name, "CREATE EXTENSION steep_repl");
    for (String statement : statements) {
      Databases.execute(cluster, name, statement);
    }
    return name;
  }

  /** Without what differs from run to run. */
  static String significant(String sql) {
    return sql.lines()
        .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
        .collect(Collectors.joining("\n"));
  }

  /** What pg_dump itself says, but for the extension that takes snapshots. */
  private static String dump(String database) {
    List<String> command =
        Installation.get()
            .command(
                "pg_dump",
                "--schema-only",
                "--no-subscriptions",
                "--encoding=UTF8",
                "--exclude-schema=steep_repl",
                "--host=127.0.0.1",
                "--port=" + cluster.port(),
                "--username=postgres",
                database);
    return significant(Programs.run(command)).replaceAll(EXTENSION, "");
  }

  private static String schemaOf(String name) throws IOException {
    return significant(Files.readString(Path.of(snapshots.path(name), "schema.sql")));
  }

  @Test
  void aRichSchemaIsWhatPgDumpSays() throws IOException {
    String name = database("rich", "", RichSchema.STATEMENTS);

    var manifest = snapshots.generate(name, name, ", 'none', 2");

    assertThat(schemaOf(name)).isEqualTo(dump(name)).contains("Ta.ble / \"\"1\"\"");
    assertThat(manifest.files())
        .extracting(StoredFile::file)
        .startsWith("schema.sql", "schema.dump");
    awaitNothingLeft();
  }

  @Test
  void otherEncodingsBecomeUtf8() throws IOException {
    String name =
        database(
            "latin",
            " ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0",
            "CREATE TABLE \"Größe\" (\"Wörter\" text DEFAULT 'é'); CREATE TABLE other ()",
            "COMMENT ON TABLE \"Größe\" IS 'ÄÖÜ'");

    snapshots.generate(name, name, "");
    assertThat(schemaOf(name)).isEqualTo(dump(name)).contains("\"Größe\"");

    snapshots.generate(name, "latin2", ", p_include_tables => '{Größe}'");
    assertThat(schemaOf("latin2")).contains("\"Größe\"").doesNotContain("other");
  }

  @Test
  void theSchemaIsOfWhatWasChosen() throws IOException {
    String name =
        database(
            "Chosen ü base",
            "",
            "CREATE SCHEMA \"A*\"; CREATE SCHEMA b; CREATE SCHEMA \"süd\"",
            "CREATE TABLE \"A*\".x (); CREATE TABLE b.x (); CREATE TABLE b.xx ();"
                + "CREATE TABLE \"süd\".\"t|?.\"\"日本\"\"\n\" (); CREATE TABLE \"süd\".plain ();"
                + "CREATE TABLE \"b\".\"A*.x\" ()");
    String[][] choices = {
      {"p_include_schemas => '{A*}'", "\"A*\".x"},
      {"p_exclude_schemas => '{A*,b}'", "\"süd\".plain", "\"süd\".\"t|?.\"\"日本\"\"\n\""},
      {"p_include_tables => '{x}'", "\"A*\".x", "b.x"},
      {"p_include_tables => '{A*.x}'", "\"A*\".x", "b.\"A*.x\""},
      {"p_include_tables => '{süd.plain,\"\\\"b\\\".\\\"xx\\\"\"}'", "b.xx", "\"süd\".plain"},
      {
        "p_include_tables => ARRAY[E't|?.\"日本\"\\n'], p_include_schemas => '{süd,b}'",
        "\"süd\".\"t|?.\"\"日本\"\"\n\""
      },
      {"p_include_tables => '{x,xx}', p_exclude_schemas => '{A*}'", "b.x", "b.xx"},
      {"p_exclude_tables => '{x,b.xx}', p_include_schemas => '{b}'", "b.\"A*.x\""},
    };
    for (int i = 0; i < choices.length; i++) {
      var manifest = snapshots.generate(name, "chosen" + i, ", " + choices[i][0]);
      List<String> tables =
          List.of(schemaOf("chosen" + i).split("\nCREATE TABLE ", -1)).stream()
              .skip(1)
              .map(text -> text.substring(0, text.indexOf(" (\n")))
              .toList();
      assertThat(tables)
          .as(choices[i][0])
          .containsExactlyInAnyOrderElementsOf(List.of(choices[i]).subList(1, choices[i].length))
          .hasSameSizeAs(manifest.tables());
    }
  }

  private static String startAs(String role, String database, String path) throws SQLException {
    try (Connection connection = cluster.connect(role, database);
        Statement statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT snapshot_id FROM steep_repl.start_snapshot('" + path + "')")) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void aRoleThatMayReadAllNeedsToBeNoSuperuser() throws Exception {
    String name =
        database(
            "plainly",
            "",
            "CREATE TABLE t (i integer PRIMARY KEY); GRANT SELECT ON t TO plain;"
                + "CREATE VIEW v AS SELECT * FROM t");
    snapshots.await(name, startAs("plain", name, snapshots.path(name)), "complete");
    assertThat(schemaOf(name)).isEqualTo(dump(name));
  }

  /** A partitioned table is none of those that rows are copied of. */
  @Test
  void whatARoleMayNotReadIsToldBeforeDataIsCopied() throws Exception {
    String name =
        database(
            "secretive",
            "",
            "CREATE TABLE parted (k integer) PARTITION BY LIST (k); CREATE TABLE t ();"
                + "GRANT SELECT ON t TO plain");
    String id = startAs("plain", name, snapshots.path(name));
    snapshots.await(name, id, "failed");

    assertThat(snapshots.of(name, id, "error_message"))
        .contains("pg_dump ended with exit code 1: ")
        .contains("permission denied for table parted");
    assertThat(Snapshots.files(snapshots.path(name))).isEmpty();
    awaitNothingLeft();
  }

  /** That of the only job of this server. */
  private static ProcessHandle pgDump() {
    return ProcessHandle.of(cluster.postmasterPid()).stream()
        .flatMap(ProcessHandle::descendants)
        .filter(process -> process.info().command().orElse("").endsWith("/pg_dump"))
        .findFirst()
        .orElseThrow();
  }

  /** The directory in which it finds its server. */
  private static Path workplace(ProcessHandle program) throws IOException {
    Path environment = Path.of("/proc/" + program.pid() + "/environ");
    return Stream.of(Files.readString(environment).split("\0", -1))
        .filter(variable -> variable.startsWith("PGHOST="))
        .map(variable -> Path.of(variable.substring("PGHOST=".length())))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitEnd(ProcessHandle program) {
    Wait.until("pg_dump is left", Snapshots.SOON, () -> !Processes.isAlive(program.pid()));
  }

  private static void awaitNothingLeft() {
    Wait.until("copy workers are left", Snapshots.SOON, () -> "0".equals(cluster.value(WORKERS)));
  }

  /** A partitioned table has no rows of its own: nobody but pg_dump wants it. */
  private static String blocked(String name) {
    return database(
        name,
        "",
        "CREATE TABLE parted (k integer) PARTITION BY LIST (k); CREATE TABLE t AS SELECT 1 AS i");
  }

  @Test
  void aCancelLeavesNeitherProgramNorFiles() throws Exception {
    String name = blocked("cancelled");
    ProcessHandle program;
    Path workplace;
    try (Connection holder = Databases.connect(cluster, name);
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE parted");
      String id = snapshots.start(name, snapshots.path(name), "");
      Wait.until("pg_dump waits", Snapshots.SOON, () -> "1".equals(cluster.value(WAITING)));
      program = pgDump();
      workplace = workplace(program);
      assertThat(Files.getPosixFilePermissions(workplace))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
      SignalMasks.assertOnlyMainTakesSignals(
          Long.parseLong(Databases.value(cluster, name, "SELECT worker_pid" + JOB)));
      Databases.value(cluster, name, "SELECT steep_repl.cancel_snapshot('" + id + "')");
      snapshots.await(name, id, "cancelled");
    }
    awaitNothingLeft();
    awaitEnd(program);
    assertThat(Snapshots.files(snapshots.path(name))).isEmpty();
    assertThat(workplace).doesNotExist();
  }

  /** It ends with the server's processes, and what it leaves in /tmp goes with the next job. */
  @Test
  void aWorkerThatIsKilledLeavesNoProgram() throws Exception {
    String name = blocked("killed");
    ProcessHandle program = ProcessHandle.current();
    Path workplace = Path.of("/");
    try (Connection holder = Databases.connect(cluster, name);
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE parted");
      snapshots.start(name, snapshots.path(name), "");
      Wait.until("pg_dump waits", Snapshots.SOON, () -> "1".equals(cluster.value(WAITING)));
      program = pgDump();
      workplace = workplace(program);
      int before = cluster.crashRestarts();
      Processes.signal(
          Long.parseLong(
              String.valueOf(
                  cluster.value(
                      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'steep_repl job'"))),
          "KILL");
      Wait.until("a restart", Snapshots.SOON, () -> cluster.crashRestarts() > before);
    } catch (SQLException e) {
      // The connection was lost with the server.
    }
    cluster.awaitReachable();
    awaitNothingLeft();
    awaitEnd(program);
    snapshots.generate(name, "killed2", "");
    assertThat(workplace).doesNotExist();
  }
}
