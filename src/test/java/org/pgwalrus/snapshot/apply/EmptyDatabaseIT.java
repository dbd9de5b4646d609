package org.pgwalrus.snapshot.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.Snapshots;
import org.pgwalrus.snapshot.files.Manifest;

/** Snapshots that are applied to a database in which there is nothing yet. */
class EmptyDatabaseIT {

  private static final String SCHEMA =
      "CREATE SCHEMA \"Odd Schema\"; CREATE TYPE mood AS ENUM ('sad', 'it''s ok');"
          + "CREATE DOMAIN positive AS integer CHECK (VALUE > 0);"
          + "CREATE TABLE \"Odd Schema\".\"Ta.ble \"\"1\"\"\" (\"Co,l\" text, \"%\" mood, n positive);"
          + "INSERT INTO \"Odd Schema\".\"Ta.ble \"\"1\"\"\" VALUES (E'a,b\\n\"c\"', 'sad', 1),"
          + " ('', 'it''s ok', NULL), (NULL, NULL, 3), (E'\\\\.', NULL, NULL);"
          + "CREATE TABLE parent (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
          + " twice integer GENERATED ALWAYS AS (length(name) * 2) STORED, name text, first integer);"
          + "CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent);"
          + "INSERT INTO parent (name) SELECT 'p' || i FROM generate_series(1, 1000) AS i;"
          + "INSERT INTO child SELECT i, i FROM generate_series(1, 1000) AS i;"
          + "ALTER TABLE parent ADD FOREIGN KEY (first) REFERENCES child; UPDATE parent SET first ="
          + " id; CREATE INDEX ON parent (name);"
          + "CREATE TABLE parted (k integer PRIMARY KEY, v text) PARTITION BY RANGE (k);"
          + "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);"
          + "CREATE TABLE parted_2 PARTITION OF parted DEFAULT; CREATE INDEX ON parted (v);"
          + "CREATE TABLE of_parted (k integer REFERENCES parted);"
          + "INSERT INTO of_parted SELECT k FROM parted;"
          + "INSERT INTO parted SELECT i, i FROM generate_series(0, 99) AS i;"
          + "CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES;"
          + "INSERT INTO nothing DEFAULT VALUES; CREATE TABLE single (t text);"
          + "INSERT INTO single VALUES (NULL), (''), (E'\\\\.'), ('x');"
          + "CREATE SEQUENCE used; SELECT nextval('used'), nextval('used'); CREATE SEQUENCE unused;"
          + "CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM parent;"
          + "CREATE MATERIALIZED VIEW again AS SELECT n + 1 AS m FROM counted;"
          + "CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS"
          + " $f$ BEGIN RAISE EXCEPTION 'fired'; END $f$;"
          + "CREATE TRIGGER t BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION forbid();"
          + "COMMENT ON TABLE child IS 'it''s'; GRANT SELECT ON child TO reader";

  private static final String CONTENTS =
      "SELECT string_agg(r, E'\\n' ORDER BY r) FROM (SELECT t::text AS r FROM \"Odd Schema\".\"Ta.ble"
          + " \"\"1\"\"\" AS t UNION ALL SELECT t::text FROM parent AS t UNION ALL SELECT t::text FROM"
          + " child AS t UNION ALL SELECT t::text FROM parted AS t UNION ALL SELECT t::text FROM"
          + " single AS t UNION ALL SELECT 'none' FROM nothing UNION ALL SELECT m::text FROM again AS"
          + " m UNION ALL SELECT concat(last_value, is_called) FROM used UNION ALL SELECT"
          + " concat(last_value, is_called) FROM unused UNION ALL SELECT concat(last_value,"
          + " is_called) FROM parent_id_seq) AS u";

  private static TestCluster cluster;
  private static Snapshots snapshots;
  private static Applications applications;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    applications = new Applications(cluster);
    cluster.execute("CREATE EXTENSION steep_repl; CREATE ROLE reader");
    database("source");
    Databases.execute(cluster, "source", SCHEMA);
    snapshots.generate("source", "source", ", 'zstd', 2");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static void database(String name) {
    Databases.create(cluster, name);
  }

  private static String value(String database, String sql) {
    return String.valueOf(Databases.value(cluster, database, sql));
  }

  private static String dump(String database) {
    return Programs.run(
            Installation.get()
                .command(
                    "pg_dump",
                    "--schema-only",
                    "--exclude-schema=steep_repl",
                    "--host=127.0.0.1",
                    "--port=" + cluster.port(),
                    "--username=postgres",
                    database))
        .lines()
        .filter(line -> !line.startsWith("\\"))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void bothDatabasesAreEqual() {
    database("target");

    applications.apply("target", snapshots.path("source"), ", 3, p_create_schema => true");

    assertThat(dump("target")).isEqualTo(dump("source"));
    assertThat(value("target", CONTENTS)).isEqualTo(value("source", CONTENTS));
    assertThat(value("target", "SELECT count(*) FROM pg_constraint WHERE NOT convalidated"))
        .isEqualTo("0");
    assertThat(
            value(
                "target",
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE"
                    + " 'steep_repl copy%'"))
        .isEqualTo("0");
  }

  @Test
  void whatIsThereAlreadyIsToldAndLeftAlone() {
    database("taken");
    Databases.execute(cluster, "taken", "CREATE TABLE parent AS SELECT 7 AS id");

    assertThat(applications.failure("taken", snapshots.path("source"), ", p_create_schema => true"))
        .contains("SQLSTATE 42P07", "table public.parent exists already");
    assertThat(value("taken", "SELECT id FROM parent")).isEqualTo("7");
    assertThat(value("taken", "SELECT to_regclass('child')")).isEqualTo("null");
  }

  @Test
  void aDatabaseOfARoleThatIsNoSuperuserIsFilledToo() {
    cluster.execute("CREATE ROLE owner LOGIN IN ROLE steep_repl_operator, pg_read_server_files");
    database("owned");
    cluster.execute("GRANT CREATE ON DATABASE owned TO owner");
    Databases.execute(cluster, "owned", "GRANT ALL ON SCHEMA public TO owner");

    String job =
        applications.start(
            "owner",
            "owned",
            snapshots.path("source"),
            ", p_create_schema => true, p_no_owner => true");
    applications.await("owned", job, "complete");

    assertThat(value("owned", CONTENTS)).isEqualTo(value("source", CONTENTS));
    assertThat(value("owned", "SELECT tableowner FROM pg_tables WHERE tablename = 'child'"))
        .isEqualTo("owner");
  }

  @Test
  void aViewIsFilledWhereItWasFilledAtTheSource() {
    database("views");
    Databases.execute(
        cluster,
        "views",
        "CREATE MATERIALIZED VIEW filled AS SELECT 1 AS x;"
            + "CREATE MATERIALIZED VIEW hollow AS SELECT 1 / (random() * 0)::integer AS x"
            + " WITH NO DATA");
    assertThat(snapshots.generate("views", "views", "").excluded())
        .contains(Manifest.Excluded.hollowView("public", "hollow"));
    database("viewed");
    applications.apply("viewed", snapshots.path("views"), ", p_create_schema => true");

    assertThat(
            value(
                "viewed",
                "SELECT string_agg(relname || ' ' || relispopulated, ', ' ORDER BY relname)"
                    + " FROM pg_class WHERE relkind = 'm' AND relname IN ('filled', 'hollow')"))
        .isEqualTo("filled true, hollow false");
  }

  /** What is created and the note that it is are one. */
  @Test
  void aFirstHalfThatIsNotWrittenDownIsNotThereEither() {
    database("unnoted");
    Databases.execute(
        cluster,
        "unnoted",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            + " $$ BEGIN RAISE 'not noted'; END $$; CREATE TRIGGER refuse BEFORE INSERT"
            + " ON steep_repl.applied_files FOR EACH ROW EXECUTE FUNCTION refuse()");
    String job =
        applications.start("unnoted", snapshots.path("source"), ", 2, p_create_schema => true");
    applications.await("unnoted", job, "failed");
    assertThat(applications.of("unnoted", job, "error_message")).contains("not noted");

    Databases.execute(cluster, "unnoted", "DROP TRIGGER refuse ON steep_repl.applied_files");
    String retry = value("unnoted", "SELECT id FROM steep_repl.retry_operation(" + job + ")");
    applications.await("unnoted", retry, "complete");
    assertThat(value("unnoted", CONTENTS)).isEqualTo(value("source", CONTENTS));
  }

  /**
   * Keys, indexes and attachments are there when a trigger is refused, which waits for those that
   * another session makes; indexes of partitions are there and not attached when that is.
   */
  @ParameterizedTest
  @CsvSource({"CREATE TRIGGER, halted, 1", "ALTER INDEX, detached, 0"})
  void anotherTryGoesOnWithinTheSecondHalfOfTheSchema(String refused, String name, String count) {
    database(name);
    String attached =
        "SELECT count(*) FROM pg_inherits WHERE inhrelid = to_regclass('parted_1_pkey')";
    Databases.execute(
        cluster,
        name,
        "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " FOR i IN 1..600 LOOP EXIT WHEN ("
            + attached
            + ") >= "
            + count
            + "; PERFORM pg_sleep(0.1); END LOOP;"
            + " RAISE 'not this'; END $$; CREATE EVENT TRIGGER refuse ON ddl_command_end"
            + " WHEN TAG IN ('"
            + refused
            + "') EXECUTE FUNCTION refuse()");
    String job = applications.start(name, snapshots.path("source"), ", 2, p_create_schema => true");
    applications.await(name, job, "failed");
    assertThat(applications.of(name, job, "error_message")).contains("not this");
    assertThat(value(name, attached)).isEqualTo(count);

    Databases.execute(cluster, name, "DROP EVENT TRIGGER refuse; DROP FUNCTION refuse");
    String retry = value(name, "SELECT id FROM steep_repl.retry_operation(" + job + ")");
    applications.await(name, retry, "complete");

    assertThat(dump(name)).isEqualTo(dump("source"));
    assertThat(value(name, CONTENTS)).isEqualTo(value("source", CONTENTS));
  }

  /** With whoever it may be, as with another session of the job: one of the two comes second. */
  @Test
  void aStatementThatIsUndoneToEndADeadlockIsRunAgain() throws SQLException {
    database("colliding");
    Databases.execute(
        cluster,
        "colliding",
        "CREATE FUNCTION locks(number integer, given boolean) RETURNS bigint LANGUAGE sql AS"
            + " $$ SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = number::oid"
            + " AND granted = given AND pid <> pg_backend_pid() $$;"
            + "CREATE FUNCTION collide() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " IF public.locks(2, true) > 0 THEN RAISE WARNING 'on collision course';"
            + " PERFORM pg_advisory_xact_lock(1);"
            + " WHILE public.locks(2, true) > 0 AND public.locks(1, false) = 0 LOOP PERFORM pg_sleep(0.01);"
            + " END LOOP; PERFORM pg_advisory_xact_lock(2); END IF; END $$;"
            + "CREATE EVENT TRIGGER collide ON ddl_command_end WHEN TAG IN ('CREATE TRIGGER')"
            + " EXECUTE FUNCTION collide()");
    int begin = cluster.log().length();
    String job;
    try (Connection other = Databases.connect(cluster, "colliding");
        Statement statement = other.createStatement()) {
      statement.execute("SET deadlock_timeout = '1h'; BEGIN; SELECT pg_advisory_xact_lock(2)");
      job =
          applications.start("colliding", snapshots.path("source"), ", 2, p_create_schema => true");
      Wait.until(
          cluster::log,
          Snapshots.SOON,
          () -> value("colliding", "SELECT locks(1, true)").equals("1"));
      statement.execute("SELECT pg_advisory_xact_lock(1); COMMIT");
    }
    applications.await("colliding", job, "complete");

    assertThat(cluster.log().substring(begin)).containsOnlyOnce("deadlock detected");
    Databases.execute(
        cluster,
        "colliding",
        "DROP EVENT TRIGGER collide; DROP FUNCTION collide; DROP FUNCTION locks");
    assertThat(dump("colliding")).isEqualTo(dump("source"));
  }

  @Test
  void anotherTryGoesOnAfterTheSchema() {
    snapshots.generate("source", "damaged", "");
    database("resumed");
    Path file = Path.of(snapshots.path("damaged"), "data", "public.child.csv");
    Snapshots.flipLastByte(file);
    String job =
        applications.start(
            "resumed", snapshots.path("damaged"), ", 1, false, p_create_schema => true");
    applications.await("resumed", job, "failed");
    assertThat(applications.of("resumed", job, "error_message")).contains("checksum");
    assertThat(value("resumed", "SELECT count(*) FROM parent")).isEqualTo("1000");

    Snapshots.flipLastByte(file);
    Databases.execute(cluster, "resumed", "UPDATE parent SET name = 'kept' WHERE id = 1");
    String retry = value("resumed", "SELECT id FROM steep_repl.retry_operation(" + job + ")");
    applications.await("resumed", retry, "complete");

    assertThat(value("resumed", "SELECT name FROM parent WHERE id = 1")).isEqualTo("kept");
    Databases.execute(cluster, "resumed", "UPDATE parent SET name = 'p1' WHERE id = 1");
    assertThat(value("resumed", CONTENTS)).isEqualTo(value("source", CONTENTS));
  }
}
