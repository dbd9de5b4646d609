package org.pgwalrus.snapshot.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.Skip;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.Snapshots;

/** Applications that are refused before anything is changed, and what they are told. */
class ApplyRefusalsIT {

  private static final String NOTHING_CHANGED = "HINT: Nothing was changed.";

  /** With the checksums that have the name in them. */
  private static final String RENAME =
      """
      old=$(sha256sum < schema.dump | cut -c 1-64) &&
      LC_ALL=C sed s/citext/citexx/g schema.dump > renamed && cat renamed > schema.dump &&
      new=$(sha256sum < schema.dump | cut -c 1-64) &&
      sed s/$old/$new/ manifest.json > renamed && cat renamed > manifest.json && rm renamed &&
      sha256sum manifest.json > manifest.sha256
      """;

  private static final String CREATE_SCHEMA = ", p_create_schema => true";

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
    Databases.create(
        cluster, "source", "CREATE TABLE t AS SELECT 1 AS x; CREATE SEQUENCE s START 7");
    snapshots.generate("source", "source", "");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String value(String database, String sql) {
    return String.valueOf(Databases.value(cluster, database, sql));
  }

  private static String failureOfPlain(String database, String path, String arguments) {
    String job = applications.start("plain", database, path, arguments);
    applications.await(database, job, "failed");
    return applications.of(database, job, "error_message");
  }

  @Test
  void aTableThatMayNotBeEmptied() {
    Databases.create(
        cluster,
        "full",
        "CREATE TABLE t AS SELECT 5 AS x; CREATE SEQUENCE s;"
            + "GRANT SELECT, INSERT ON t TO plain; GRANT UPDATE ON s TO plain");

    assertThat(failureOfPlain("full", snapshots.path("source"), ", p_truncate => true"))
        .contains("(SQLSTATE 42501)\n- table public.t may not be emptied\n", NOTHING_CHANGED);
    assertThat(value("full", "SELECT x FROM t")).isEqualTo("5");

    Databases.execute(cluster, "full", "GRANT TRUNCATE ON t TO plain");
    String job =
        applications.start("plain", "full", snapshots.path("source"), ", p_truncate => true");
    applications.await("full", job, "complete");
    assertThat(value("full", "SELECT x FROM t")).isEqualTo("1");
  }

  @Test
  void aSequenceThatMayNotBeSet() {
    Databases.create(
        cluster,
        "counting",
        "CREATE TABLE t (x integer); CREATE SEQUENCE s; GRANT INSERT ON t TO plain");

    assertThat(failureOfPlain("counting", snapshots.path("source"), ""))
        .contains("(SQLSTATE 42501)\n- sequence public.s may not be set\n", NOTHING_CHANGED);
    assertThat(value("counting", "SELECT count(*) FROM t")).isEqualTo("0");

    Databases.execute(cluster, "counting", "GRANT UPDATE ON SEQUENCE s TO plain");
    String job = applications.start("plain", "counting", snapshots.path("source"), "");
    applications.await("counting", job, "complete");
    assertThat(value("counting", "SELECT nextval('s')")).isEqualTo("7");
  }

  @Test
  void aRoleThatDoesNotExist() {
    snapshotOfARoleThatIsGone("orphaned", "gone");
    Databases.create(cluster, "adopting");

    assertThat(applications.failure("adopting", snapshots.path("orphaned"), CREATE_SCHEMA))
        .contains("(SQLSTATE 42704)\n- role \"gone\" does not exist\n", NOTHING_CHANGED);
    assertThat(value("adopting", "SELECT to_regclass('orphan')")).isEqualTo("null");

    applications.apply(
        "adopting", snapshots.path("orphaned"), CREATE_SCHEMA + ", p_no_owner => true");
    assertThat(value("adopting", "SELECT x FROM orphan")).isEqualTo("1");
  }

  private static void snapshotOfARoleThatIsGone(String name, String role) {
    cluster.execute("CREATE ROLE " + role);
    Databases.create(
        cluster, name, "CREATE TABLE orphan AS SELECT 1 AS x; ALTER TABLE orphan OWNER TO " + role);
    snapshots.generate(name, name, "");
    Databases.execute(cluster, name, "REASSIGN OWNED BY " + role + " TO postgres");
    cluster.execute("DROP ROLE " + role);
  }

  @Test
  void aSchemaThatDoesNotExist() {
    Databases.create(
        cluster,
        "scattered",
        "CREATE SCHEMA \"Else where\"; CREATE TABLE \"Else where\".t AS SELECT 1 AS x");
    snapshots.generate("scattered", "scattered", ", p_include_tables => '{Else where.t}'");
    Databases.create(cluster, "gathered");

    assertThat(applications.failure("gathered", snapshots.path("scattered"), CREATE_SCHEMA))
        .contains("(SQLSTATE 3F000)\n- schema \"Else where\" does not exist\n", NOTHING_CHANGED);

    Databases.execute(cluster, "gathered", "CREATE SCHEMA \"Else where\"");
    applications.apply("gathered", snapshots.path("scattered"), CREATE_SCHEMA);
    assertThat(value("gathered", "SELECT x FROM \"Else where\".t")).isEqualTo("1");
  }

  @Test
  void anExtensionThatTheServerDoesNotHave() {
    snapshotWithAnUnknownExtension("extended");
    Databases.create(cluster, "bare");

    assertThat(applications.failure("bare", snapshots.path("extended"), CREATE_SCHEMA))
        .contains(
            "(SQLSTATE 58P01)\n- extension \"citexx\" is not installed on this server\n",
            NOTHING_CHANGED);
    assertThat(value("bare", "SELECT to_regclass('word')")).isEqualTo("null");
  }

  /** The name of an extension that is here is changed to one that is not, of the same length. */
  private static void snapshotWithAnUnknownExtension(String name) {
    Skip.unless(
        "1".equals(cluster.value("SELECT 1 FROM pg_available_extensions WHERE name = 'citext'")),
        "the server has no extension citext");
    Databases.create(
        cluster, name, "CREATE EXTENSION citext; CREATE TABLE word AS SELECT 'x'::citext AS w");
    snapshots.generate(name, name, "");
    Programs.run(List.of("sh", "-c", "cd " + snapshots.path(name) + " && " + RENAME));
  }

  @Test
  void aSubscriptionThatIsThereAlready() {
    follow("followed", "follower", "rome");
    Databases.execute(cluster, "follower", "CREATE TABLE f (i integer PRIMARY KEY)");

    assertThat(
            applications.failure(
                "follower", snapshots.path("followed"), ", p_source_node => 'rome'"))
        .contains(
            "(SQLSTATE 42710)\n- subscription \"steep_sub_local_from_rome\" is there already\n",
            NOTHING_CHANGED);
    assertThat(value("follower", "SELECT count(*) FROM f")).isEqualTo("0");
  }

  /** A snapshot whose slot is kept, and a database that follows its source already, as it seems. */
  private static void follow(String source, String target, String node) {
    Databases.create(cluster, source, "CREATE TABLE f (i integer PRIMARY KEY)");
    snapshots.generate(source, source, ", p_keep_slot => true");
    Databases.create(
        cluster,
        target,
        "SELECT steep_repl.register_node('"
            + node
            + "', 'Rome', '127.0.0.1', "
            + cluster.port()
            + ", p_dbname => '"
            + source
            + "', p_conninfo => 'user=postgres')");
    Databases.execute(
        cluster,
        target,
        "CREATE SUBSCRIPTION steep_sub_local_from_"
            + node
            + " CONNECTION 'dbname="
            + source
            + "' PUBLICATION p WITH (connect = false, slot_name = NONE)");
  }

  @Test
  void severalThingsAreToldAtOnceWhereTheSchemaIsCreated() {
    snapshotOfARoleThatIsGone("several", "lost");
    Databases.execute(cluster, "several", "CREATE SCHEMA there");
    snapshotWithAnUnknownExtension("several_words");
    Databases.create(
        cluster, "occupied", "CREATE TABLE orphan AS SELECT 5 AS x; CREATE TABLE word ()");

    assertThat(applications.failure("occupied", snapshots.path("several"), CREATE_SCHEMA))
        .contains(
            "(SQLSTATE 42P07)\n",
            "- table public.orphan exists already\n",
            "- role \"lost\" does not exist\n",
            NOTHING_CHANGED);
    assertThat(applications.failure("occupied", snapshots.path("several_words"), CREATE_SCHEMA))
        .contains(
            "- table public.word exists already\n",
            "- extension \"citexx\" is not installed on this server\n",
            NOTHING_CHANGED);
    assertThat(value("occupied", "SELECT x FROM orphan")).isEqualTo("5");
  }

  @Test
  void severalThingsAreToldAtOnceWhereTablesAreThere() {
    Databases.create(
        cluster,
        "complex",
        "CREATE TABLE a AS SELECT 1 AS x; CREATE TABLE b AS SELECT 1 AS x;"
            + "CREATE TABLE c AS SELECT 1 AS x; CREATE TABLE d AS SELECT 1 AS x;"
            + "CREATE SEQUENCE s; CREATE SEQUENCE u");
    snapshots.generate("complex", "complex", "");
    Databases.create(
        cluster,
        "narrow",
        "CREATE TABLE a AS SELECT 5 AS x; CREATE TABLE b (y integer); CREATE TABLE c (x integer);"
            + "CREATE SEQUENCE s; GRANT INSERT ON a, b TO plain; GRANT TRUNCATE ON b TO plain");

    assertThat(failureOfPlain("narrow", snapshots.path("complex"), ", p_truncate => true"))
        .contains(
            "- table public.a may not be emptied\n",
            "- table public.b has no columns x\n",
            "- table public.c may not be written to\n",
            "- table public.d does not exist\n",
            "- sequence public.s may not be set\n",
            "- sequence public.u does not exist\n",
            NOTHING_CHANGED);
    assertThat(value("narrow", "SELECT x FROM a")).isEqualTo("5");
  }

  @Test
  void severalThingsAreToldAtOnceOfASourceThatIsFollowed() {
    follow("leading", "following", "oslo");

    assertThat(
            applications.failure(
                "following", snapshots.path("leading"), ", p_source_node => 'oslo'"))
        .contains(
            "- table public.f does not exist\n",
            "- subscription \"steep_sub_local_from_oslo\" is there already\n",
            NOTHING_CHANGED);
  }
}
