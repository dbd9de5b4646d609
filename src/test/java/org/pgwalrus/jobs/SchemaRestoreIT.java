package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.jobs.TrialCluster.script;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.Wait;

/** The schema of a snapshot comes back in a database that has nothing yet. */
class SchemaRestoreIT {

  private static final String SCHEMA =
      "CREATE SCHEMA \"Süd\"; CREATE TYPE \"Süd\".mood AS ENUM ('a', 'ü');"
          + "CREATE TABLE \"Süd\".\"T \"\"1\" (id integer PRIMARY KEY, m \"Süd\".mood);"
          + "CREATE TABLE child (id integer REFERENCES \"Süd\".\"T \"\"1\", note text);"
          + "CREATE INDEX i1 ON child (id); CREATE INDEX i2 ON child (note);"
          + "CREATE INDEX i3 ON child (id, note); CREATE INDEX i4 ON child (note, id);"
          + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $x$BEGIN RETURN NEW; END$x$;"
          + "CREATE TRIGGER t BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION f();"
          + "CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM child; ALTER TABLE child OWNER TO"
          + " ben; GRANT SELECT ON child TO anna; COMMENT ON TABLE child IS 'it''s'";

  /** Several programs one after another, on a machine that is busy with other tests. */
  private static final Duration SOON = Duration.ofMinutes(2);

  private static TrialCluster trials;
  private static Path place;

  @BeforeAll
  static void start() throws IOException {
    trials = new TrialCluster().set("max_worker_processes", "16").start();
    place = Files.createDirectory(trials.cluster().directory().resolve("snapshots"));
    Installation.get().give(place);
    trials.cluster().execute("CREATE ROLE nologin IN ROLE steep_repl_operator SUPERUSER");
    generate("source", SCHEMA);
  }

  @AfterAll
  static void stop() {
    trials.close();
  }

  private static String path(String name) {
    return place.resolve(name).toString();
  }

  private static void generate(String name, String schema) {
    database(name);
    Databases.execute(trials.cluster(), name, schema);
    Databases.value(
        trials.cluster(),
        name,
        "SELECT snapshot_id FROM steep_repl.start_snapshot('" + path(name) + "')");
    await(name, 1, "complete");
  }

  private static void database(String name) {
    trials.cluster().execute("CREATE DATABASE \"" + name + "\"");
    trials.install(name);
    Databases.execute(trials.cluster(), name, "ALTER TABLE effects RENAME TO e; DROP TABLE e");
  }

  private static void await(String database, int job, String status) {
    String row = " FROM steep_repl.work_queue WHERE id = " + job;
    Wait.until(
        () ->
            Databases.value(
                    trials.cluster(),
                    database,
                    "SELECT status || coalesce(error_message, '')" + row)
                + trials.cluster().log(),
        SOON,
        () -> status.equals(Databases.value(trials.cluster(), database, "SELECT status" + row)));
  }

  private static void queue(String database, String before, String... lines) {
    Databases.execute(
        trials.cluster(),
        database,
        before
            + "SELECT steep_repl.enqueue('trial', NULL, NULL, jsonb_build_object('do', '"
            + script(lines)
            + "'), NULL)");
  }

  private static String dump(String database) {
    return Programs.run(
            Installation.get()
                .command(
                    "pg_dump",
                    "--schema-only",
                    "--exclude-schema=steep_repl",
                    "--host=127.0.0.1",
                    "--port=" + trials.cluster().port(),
                    "--username=postgres",
                    database))
        .lines()
        .filter(line -> !line.startsWith("\\"))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void bothSectionsGiveTheSameSchema() {
    database("target");
    queue(
        "target",
        "",
        "restore PRE_DATA 1 true " + path("source"),
        "restore POST_DATA 3 true " + path("source"));
    await("target", 1, "complete");

    assertThat(dump("target")).isEqualTo(dump("source"));
  }

  /** All belongs to the role of the job, which here may not even log in. */
  @Test
  void ownersAreLeftOutWhereTheyAreNotWanted() {
    database("unowned");
    queue(
        "unowned",
        "SET ROLE nologin;",
        "restore PRE_DATA 1 false " + path("source"),
        "restore POST_DATA 2 false " + path("source"));
    await("unowned", 1, "complete");

    assertThat(
            Databases.value(
                trials.cluster(),
                "unowned",
                "SELECT tableowner || ' ' || has_table_privilege('anna', 'child', 'SELECT')"
                    + " FROM pg_tables WHERE tablename = 'child'"))
        .isEqualTo("nologin false");
  }

  @Test
  void whatNeedsTheRowsIsDoneInParallel() {
    database("parallel");
    queue("parallel", "", "restore PRE_DATA 1 true " + path("source"));
    await("parallel", 1, "complete");
    Databases.execute(
        trials.cluster(),
        "parallel",
        "CREATE TABLE pids (pid integer); CREATE FUNCTION log() RETURNS event_trigger LANGUAGE"
            + " plpgsql AS 'BEGIN INSERT INTO public.pids VALUES (pg_backend_pid()); PERFORM"
            + " pg_sleep(0.2); END'; CREATE EVENT TRIGGER log ON ddl_command_end EXECUTE FUNCTION"
            + " log()");
    queue("parallel", "", "restore POST_DATA 3 true " + path("source"));
    await("parallel", 2, "complete");

    assertThat(
            Databases.value(
                trials.cluster(), "parallel", "SELECT count(DISTINCT pid) FROM public.pids"))
        .isEqualTo("3");
  }

  @Test
  void whatCannotBeRestoredIsToldAndLeavesNothing() {
    database("obstructed");
    Databases.execute(trials.cluster(), "obstructed", "CREATE TABLE child ()");
    queue("obstructed", "", "restore PRE_DATA 1 true " + path("source"));
    await("obstructed", 1, "failed");

    assertThat(
            Databases.value(
                trials.cluster(), "obstructed", "SELECT error_message FROM steep_repl.work_queue"))
        .contains("relation \"child\" already exists (SQLSTATE 42P07)")
        .contains("CREATE TABLE public.child (");
    assertThat(
            Databases.value(
                trials.cluster(),
                "obstructed",
                "SELECT count(*) FROM pg_namespace WHERE nspname = 'Süd'"))
        .isEqualTo("0");
  }

  @Test
  void anArchiveThatWasChangedIsRefused() throws IOException {
    generate("changed", "CREATE TABLE t ()");
    Files.writeString(Path.of(path("changed"), "schema.dump"), "x", StandardOpenOption.APPEND);
    queue("changed", "", "restore PRE_DATA 1 true " + path("changed"));
    await("changed", 2, "failed");

    assertThat(
            Databases.value(
                trials.cluster(),
                "changed",
                "SELECT error_message FROM steep_repl.work_queue WHERE id = 2"))
        .contains("schema.dump\" has checksum sha256:");
  }
}
