package org.pgwalrus.snapshot.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.RamDisk;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.Snapshots;

/** Snapshots that are loaded into tables that are there already. */
class SnapshotApplyIT {

  private static final String COPIERS =
      "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'steep_repl copy%'";

  /** What has to be as it was, whatever becomes of a job. */
  private static final String CONSTRAINTS =
      "SELECT string_agg(concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid),"
          + " obj_description(oid)), E'\\n' ORDER BY conrelid::regclass::text, conname)"
          + " FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
          + " AND conparentid = 0";

  private static final String TRIGGERS =
      "SELECT string_agg(concat_ws(' ', tgrelid::regclass, tgname, tgenabled), E'\\n'"
          + " ORDER BY tgrelid::regclass::text, tgname) FROM pg_trigger WHERE NOT tgisinternal"
          + " AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)";

  private static final String SET_ASIDE =
      "SELECT (SELECT count(*) FROM steep_repl.dropped_constraints)"
          + " + (SELECT count(*) FROM steep_repl.disabled_triggers)";

  /** A shop with rows, and its snapshot, which no test changes. */
  private static final String SOURCE = "source";

  private static TestCluster cluster;
  private static Snapshots snapshots;
  private static Applications applications;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    applications = new Applications(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute("CREATE ROLE plain LOGIN IN ROLE steep_repl_operator, pg_read_server_files");
    shopWithRows(SOURCE);
    snapshots.generate(SOURCE, SOURCE, "");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String database(String name, String... statements) {
    Databases.create(cluster, name, statements);
    return name;
  }

  private static String value(String database, String sql) {
    return String.valueOf(Databases.value(cluster, database, sql));
  }

  private static void awaitNoCopiers() {
    Wait.until(
        "copy workers are left",
        Snapshots.SOON,
        () -> String.valueOf(cluster.value(COPIERS)).equals("0"));
  }

  /** The tables of an order book, with foreign keys in a circle, to themselves, and triggers. */
  private static final String[] SHOP = {
    "CREATE TABLE customer (id integer PRIMARY KEY, favourite integer, friend integer"
        + " REFERENCES customer)",
    "CREATE TABLE item (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        + " name text, owner integer NOT NULL REFERENCES customer,"
        + " length integer GENERATED ALWAYS AS (length(name)) STORED)",
    "ALTER TABLE customer ADD CONSTRAINT \"Best item\" FOREIGN KEY (favourite) REFERENCES item"
        + " DEFERRABLE INITIALLY DEFERRED; COMMENT ON CONSTRAINT \"Best item\" ON customer IS 'o''k'",
    "CREATE TABLE parted (k integer, item integer REFERENCES item) PARTITION BY RANGE (k);"
        + "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);"
        + "CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (100) TO (1000)",
    "CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS"
        + " 'BEGIN RAISE EXCEPTION ''fired''; END'",
    "CREATE TABLE log (t text)"
  };

  private static final String[] SHOP_TRIGGERS = {
    "CREATE TRIGGER before BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION forbid()",
    "CREATE TRIGGER always AFTER INSERT ON customer EXECUTE FUNCTION forbid();"
        + "ALTER TABLE customer ENABLE ALWAYS TRIGGER always",
    "CREATE TRIGGER replica AFTER INSERT ON customer EXECUTE FUNCTION forbid();"
        + "ALTER TABLE customer ENABLE REPLICA TRIGGER replica",
    "CREATE TRIGGER off AFTER INSERT ON customer EXECUTE FUNCTION forbid();"
        + "ALTER TABLE customer DISABLE TRIGGER off",
    "CREATE TRIGGER parted BEFORE INSERT ON parted FOR EACH ROW EXECUTE FUNCTION forbid()",
    "CREATE TRIGGER emptied BEFORE TRUNCATE ON item EXECUTE FUNCTION forbid()"
  };

  private static final String[] SHOP_ROWS = {
    "INSERT INTO customer SELECT i, NULL, i % 500 + 1 FROM generate_series(1, 500) AS i",
    "INSERT INTO item (name, owner) SELECT 'item ' || i, i FROM generate_series(1, 500) AS i",
    "UPDATE customer SET favourite = id",
    "INSERT INTO parted SELECT i, i FROM generate_series(1, 500) AS i"
  };

  private static String shop(String name) {
    database(name, SHOP);
    for (String statement : SHOP_TRIGGERS) {
      Databases.execute(cluster, name, statement);
    }
    return name;
  }

  private static String shopWithRows(String name) {
    database(name, SHOP);
    for (String statement : SHOP_ROWS) {
      Databases.execute(cluster, name, statement);
    }
    return name;
  }

  private static final String CONTENTS =
      "SELECT md5(string_agg(t.r, E'\\n' ORDER BY t.r)) FROM (SELECT c::text AS r FROM customer AS c"
          + " UNION ALL SELECT i::text FROM item AS i UNION ALL SELECT p::text FROM parted AS p) AS t";

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "lz4", "zstd"})
  void allRowsArriveAndNothingElseChanges(String codec) {
    String target = shop("to_" + codec);
    String constraints = value(target, CONSTRAINTS);
    String triggers = value(target, TRIGGERS);
    snapshots.generate(SOURCE, codec, ", '" + codec + "', 2");

    applications.apply(target, snapshots.path(codec), ", 3");

    assertThat(value(target, CONTENTS)).isEqualTo(value(SOURCE, CONTENTS)).isNotEqualTo("null");
    assertThat(value(target, CONSTRAINTS)).isEqualTo(constraints).contains("Best item");
    assertThat(value(target, TRIGGERS)).isEqualTo(triggers);
    assertThat(value(target, SET_ASIDE)).isEqualTo("0");
    assertThat(value(target, "SELECT nextval('item_id_seq')")).isEqualTo("501");
    assertThat(value(target, "SELECT reltuples FROM pg_class WHERE relname = 'item'"))
        .isEqualTo("500");
    assertThat(
            value(
                target,
                "SELECT concat_ws(' ', s.status, a.tables_loaded, a.rows_loaded, a.target_node_id)"
                    + " FROM steep_repl.snapshots AS s"
                    + " JOIN steep_repl.snapshot_applications AS a USING (snapshot_id)"))
        .isEqualTo("applied 5 1500 local");
    awaitNoCopiers();
  }

  @Test
  void everythingThatStandsAgainstItIsToldAtOnce() {
    String source =
        database(
            "wide",
            "CREATE TABLE a AS SELECT 1 AS x, 2 AS y; CREATE TABLE b AS SELECT 1 AS x;"
                + "CREATE TABLE c AS SELECT 1 AS x; CREATE TABLE d AS SELECT 1 AS x;"
                + "CREATE TABLE e AS SELECT 1 AS x; CREATE SEQUENCE s;"
                + "CREATE TABLE f (price numeric(10,4), at timestamptz, n bigint)");
    snapshots.generate(source, source, "");
    String target =
        database(
            "narrow",
            "CREATE TABLE a (x integer); CREATE TABLE b AS SELECT 1 AS x; CREATE VIEW c AS SELECT 1"
                + " AS x; CREATE TABLE d (x integer, z integer NOT NULL);"
                + "CREATE TABLE f (price numeric(10,2), at timestamp(0), n integer)");

    String failure = applications.failure(target, snapshots.path(source), "");

    assertThat(failure)
        .contains(
            "- table public.a has no columns y\n",
            "- table public.b is not empty\n",
            "- table public.c is not an ordinary table\n",
            "- table public.d needs values in columns that the snapshot has not: z\n",
            "- table public.e does not exist\n",
            "- table public.f column price is numeric(10,2), and numeric(10,4) in the snapshot\n",
            "- table public.f column at is timestamp(0) without time zone, and timestamp with time"
                + " zone in the snapshot\n",
            "- table public.f column n is integer, and bigint in the snapshot\n",
            "- sequence public.s does not exist\n",
            "HINT: ");
    assertThat(value(target, "SELECT count(*) FROM b")).isEqualTo("1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'/nowhere/x'|58P01|No such file or directory",
        "NULL|22004|p_input_path",
        "'#', 0|22023|parallel",
        "'#', p_verify => NULL|22004|p_verify",
        "'#', p_truncate => true, p_create_schema => true|22023|exclude each other",
        "'#', p_target_node => ''|22023|not \"\"",
        "'#', p_source_node => 'nobody'|42704|source node \"nobody\" not found",
        "'#', p_source_node => 'rome'|55000|has no replication slot",
      })
  void whatCannotBeIsRefusedBeforeAnythingIsQueued(String arguments, String state, String message) {
    String refused =
        "SELECT steep_repl.start_apply(" + arguments.replace("#", snapshots.path(SOURCE)) + ")";
    Databases.execute(
        cluster,
        SOURCE,
        "SELECT steep_repl.register_node('rome', 'Rome', '127.0.0.1', 1) WHERE NOT EXISTS"
            + " (SELECT FROM steep_repl.nodes WHERE node_id = 'rome')");
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class, () -> Databases.execute(cluster, SOURCE, refused));
    assertThat(thrown.getCause())
        .hasMessageContaining(message)
        .isInstanceOfSatisfying(
            SQLException.class, error -> assertThat(error.getSQLState()).isEqualTo(state));
    assertThat(
            value(
                SOURCE,
                "SELECT count(*) FROM steep_repl.work_queue WHERE operation = 'snapshot_apply'"))
        .isEqualTo("0");
  }

  @Test
  void columnsMayTakeMoreThanTheyDid() {
    String source =
        database(
            "tight_types",
            "CREATE TABLE t AS SELECT 1::smallint AS a, 2::integer AS b, 1.25::numeric(10,2) AS c,"
                + " 'x'::varchar(3) AS d, 'y'::varchar(3) AS e, now()::timestamp(0) AS f,"
                + " '{1.5}'::numeric(5,1)[] AS g, 1.5::real AS h");
    snapshots.generate(source, source, "");
    String target =
        database(
            "wide_types",
            "CREATE TABLE t (a integer, b bigint, c numeric, d varchar(9), e text, f timestamp,"
                + " g numeric[], h double precision)");

    applications.apply(target, snapshots.path(source), "");
    assertThat(value(target, "SELECT t FROM t")).isEqualTo(value(source, "SELECT t FROM t"));
  }

  @Test
  void tablesAreEmptiedOnlyOnRequest() {
    String target = shopWithRows("stale");
    Databases.execute(cluster, target, "UPDATE item SET name = 'old'");

    assertThat(applications.failure(target, snapshots.path(SOURCE), ""))
        .contains("(SQLSTATE SR008)", "table public.item is not empty");
    assertThat(value(target, "SELECT count(*) FROM item WHERE name = 'old'")).isEqualTo("500");

    applications.apply(target, snapshots.path(SOURCE), ", p_truncate => true");
    assertThat(value(target, CONTENTS)).isEqualTo(value(SOURCE, CONTENTS));
  }

  @Test
  void whatOtherTablesReferToIsNotEmptied() {
    String source = database("inside", "CREATE TABLE a AS SELECT 1 AS x");
    String target =
        database(
            "outside",
            "CREATE TABLE a (x integer PRIMARY KEY); INSERT INTO a VALUES (5);"
                + "CREATE TABLE other (x integer REFERENCES a); INSERT INTO other VALUES (5)");
    snapshots.generate(source, source, "");

    assertThat(applications.failure(target, snapshots.path(source), ", p_truncate => true"))
        .contains("SR008", "table public.a is referred to by table public.other");
    assertThat(value(target, "SELECT x FROM a")).isEqualTo("5");
  }

  /** A snapshot of the shop with a damaged file; its path. */
  private static String damaged(String name) {
    snapshots.generate(SOURCE, name, "");
    Snapshots.flipLastByte(Path.of(snapshots.path(name), "data/public.item.csv"));
    return snapshots.path(name);
  }

  @Test
  void aDamagedFileIsFoundBeforeAnythingIsWritten() {
    String target = shop("spared");
    String damaged = damaged("damaged");

    assertThat(applications.failure(target, damaged, ""))
        .contains("SQLSTATE SR003", "file \"data/public.item.csv\" has checksum");
    assertThat(value(target, "SELECT count(*) FROM customer")).isEqualTo("0");
  }

  @Test
  void aDamagedFileIsFoundWhileItIsReadToo() {
    String target = shop("half");
    String triggers = value(target, TRIGGERS);

    assertThat(applications.failure(target, damaged("unverified"), ", 1, false"))
        .contains("public.item.csv\" has checksum");
    assertThat(value(target, "SELECT count(*) FROM item")).isEqualTo("0");
    assertThat(value(target, TRIGGERS)).isEqualTo(triggers);
    assertThat(
            value(
                target,
                "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
                    + " AND connamespace = 'public'::regnamespace"))
        .isEqualTo("4");
    awaitNoCopiers();
  }

  @Test
  void rowsThatTheManifestDoesNotCountAreNotTaken() throws IOException {
    String source = database("counted", "CREATE TABLE t AS SELECT generate_series(1, 500) AS x");
    String target = database("miscounted", "CREATE TABLE t (x integer)");
    snapshots.generate(source, source, "");
    Path manifest = Path.of(snapshots.path(source), "manifest.json");
    String text = Files.readString(manifest);
    assertThat(text).contains("\"row_count\": 500");
    Files.writeString(manifest, text.replace("\"row_count\": 500", "\"row_count\": 499"));
    Programs.run(
        List.of(
            "sh",
            "-c",
            "cd " + manifest.getParent() + " && sha256sum manifest.json > manifest.sha256"));

    assertThat(applications.failure(target, snapshots.path(source), ""))
        .contains("SR003", "has got 500 rows", "instead of 499");
    assertThat(value(target, "SELECT count(*) FROM t")).isEqualTo("0");
    awaitNoCopiers();
  }

  @Test
  void anEncodingWithFewerCharactersIsRefused() {
    cluster.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    Databases.execute(cluster, "latin", "CREATE EXTENSION steep_repl");
    assertThat(applications.failure("latin", snapshots.path(SOURCE), ", p_create_schema => true"))
        .contains(
            "SQLSTATE 22P05", "the encoding of the snapshot is UTF8, and of the database LATIN1");

    Databases.execute(cluster, "latin", "CREATE TABLE word AS SELECT 'Größe' AS x");
    snapshots.generate("latin", "latin", "");
    String target = database("unicode", "CREATE TABLE word (x text)");
    applications.apply(target, snapshots.path("latin"), "");
    assertThat(value(target, "SELECT x FROM word")).isEqualTo("Größe");
  }

  @Test
  void anotherTryLoadsOnlyWhatIsMissing() {
    String target = shop("resumed");
    String constraints = value(target, CONSTRAINTS);
    Databases.execute(
        cluster, target, "ALTER TABLE parted_2 ADD CONSTRAINT few CHECK (k < 400) NO INHERIT");

    String job = applications.start(target, snapshots.path(SOURCE), ", 1");
    applications.await(target, job, "failed");
    assertThat(applications.of(target, job, "error_message"))
        .contains("few", "COPY parted_2, line ");
    Databases.execute(cluster, target, "ALTER TABLE parted_2 DROP CONSTRAINT few");
    Databases.execute(cluster, target, "UPDATE customer SET friend = 7 WHERE id = 1");
    assertThat(value(target, "SELECT string_agg(file, ' ') FROM steep_repl.applied_files"))
        .contains("customer");

    String retry = value(target, "SELECT id FROM steep_repl.retry_operation(" + job + ")");
    applications.await(target, retry, "complete");

    assertThat(value(target, "SELECT friend FROM customer WHERE id = 1"))
        .as("a table that was loaded before is not loaded again")
        .isEqualTo("7");
    Databases.execute(cluster, target, "UPDATE customer SET friend = 2 WHERE id = 1");
    assertThat(value(target, CONTENTS)).isEqualTo(value(SOURCE, CONTENTS));
    assertThat(value(target, CONSTRAINTS)).isEqualTo(constraints);
    assertThat(value(target, SET_ASIDE)).isEqualTo("0");
  }

  @Test
  void aRoleNeedsNoMoreThanItMustHave() {
    String source =
        database("modest", "CREATE TABLE t AS SELECT 1 AS x; CREATE TABLE u AS TABLE t");
    snapshots.generate(source, source, "");
    String target = database("strict", "CREATE TABLE t (x integer); CREATE TABLE u (x integer)");
    String path = snapshots.path(source);
    Databases.execute(cluster, target, "GRANT INSERT ON t TO plain");

    String refused = applications.start("plain", target, path, "");
    applications.await(target, refused, "failed");
    assertThat(applications.of(target, refused, "error_message"))
        .contains("SQLSTATE 42501", "table public.u may not be written to")
        .doesNotContain("public.t ");

    Databases.execute(cluster, target, "GRANT INSERT ON u TO plain");
    String job = applications.start("plain", target, path, "");
    applications.await(target, job, "complete");
    assertThat(value(target, "SELECT (SELECT x FROM t) + (SELECT x FROM u)")).isEqualTo("2");
  }

  @Test
  void foreignKeysOfOthersAndPoliciesAreRefused() {
    String source =
        database("free", "CREATE TABLE t AS SELECT 1 AS x; CREATE TABLE u AS SELECT 1 AS x");
    snapshots.generate(source, source, "");
    String target =
        database(
            "bound",
            "CREATE TABLE t (x integer PRIMARY KEY); CREATE TABLE u (x integer REFERENCES t);"
                + "GRANT INSERT ON t, u TO plain; ALTER TABLE t ENABLE ROW LEVEL SECURITY");

    String job = applications.start("plain", target, snapshots.path(source), "");
    applications.await(target, job, "failed");
    assertThat(applications.of(target, job, "error_message"))
        .contains(
            "table public.t has policies for this role",
            "table public.u has foreign keys or triggers, and is somebody else's");
  }

  @Test
  void rowsThatViolateAForeignKeyLeaveItUnvalidatedAndFound() {
    String source =
        database("loose", "CREATE TABLE t (x integer); CREATE TABLE u AS SELECT 1 AS x");
    snapshots.generate(source, source, "");
    String target =
        database(
            "tight",
            "CREATE TABLE t (x integer PRIMARY KEY);"
                + "CREATE TABLE u (x integer CONSTRAINT k REFERENCES t)");

    String job = applications.start(target, snapshots.path(source), "");
    applications.await(target, job, "failed");

    assertThat(applications.of(target, job, "error_message")).contains("23503", "\"k\"");
    assertThat(value(target, "SELECT convalidated FROM pg_constraint WHERE conname = 'k'"))
        .isEqualTo("f");
    assertThat(value(target, "SELECT is_unvalidated FROM steep_repl.dropped_constraints"))
        .isEqualTo("t");
    Databases.execute(cluster, target, "INSERT INTO t VALUES (1)");
    assertThat(value(target, "SELECT steep_repl.restore_constraints(" + job + ")")).isEqualTo("1");
    assertThat(value(target, "SELECT convalidated FROM pg_constraint WHERE conname = 'k'"))
        .isEqualTo("t");
    assertThat(value(target, SET_ASIDE)).isEqualTo("0");
  }

  @Test
  void rowsThatCannotFitAreToldBeforeAnythingIsWritten() throws IOException {
    RamDisk.assumePossible();
    String create = "CREATE TABLE t (x text)";
    String source =
        database(
            "large",
            create,
            "INSERT INTO t SELECT repeat(' ', 1048576)" + " FROM generate_series(1, 100)");
    snapshots.generate(source, source, ", 'zstd'");
    Path place = Files.createDirectory(cluster.directory().resolve("small"));
    try (RamDisk _ = RamDisk.mount(place, 64)) {
      Installation.get().give(place);
      cluster.execute("CREATE TABLESPACE small LOCATION '" + place + "'");
      cluster.execute("CREATE DATABASE small TABLESPACE small");
      Databases.execute(cluster, "small", "CREATE EXTENSION steep_repl");
      Databases.execute(cluster, "small", create);

      assertThat(applications.failure("small", snapshots.path(source), ""))
          .contains("SQLSTATE 53100", "rows of 100 MB at least have no room in \"" + place);
      assertThat(value("small", "SELECT count(*) FROM t")).isEqualTo("0");
      cluster.execute("DROP DATABASE small WITH (FORCE)");
      cluster.execute("DROP TABLESPACE small");
    }
  }

  @Test
  void anotherSnapshotInTheSamePlaceIsNotApplied() throws IOException, SQLException {
    String source = database("first", "CREATE TABLE t AS SELECT 1 AS x");
    snapshots.generate(source, "first", "");
    snapshots.generate(source, "second", "");
    String target = database("swapped", "CREATE TABLE t (x integer)");
    String path = snapshots.path("first");
    try (Connection connection = Databases.connect(cluster, target);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT steep_repl.start_apply('" + path + "')");
      Files.move(Path.of(path), Path.of(path + "_gone"));
      Files.move(Path.of(snapshots.path("second")), Path.of(path));
      connection.commit();
    }
    applications.await(target, "1", "failed");

    assertThat(applications.of(target, "1", "error_message")).contains("SR003", "instead of");
    assertThat(value(target, "SELECT count(*) FROM t")).isEqualTo("0");
  }
}
