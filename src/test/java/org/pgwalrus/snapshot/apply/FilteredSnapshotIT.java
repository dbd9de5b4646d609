package org.pgwalrus.snapshot.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.Snapshots;
import org.pgwalrus.snapshot.files.Manifest;

/** Snapshots of some tables of a database, as far as their rows in another one. */
class FilteredSnapshotIT {

  private static final String SCHEMA =
      "CREATE TABLE customer (id integer PRIMARY KEY);"
          + "INSERT INTO customer SELECT generate_series(1, 30);"
          + "CREATE TABLE orders (id integer PRIMARY KEY, customer integer REFERENCES customer,"
          + " first integer REFERENCES orders);"
          + "INSERT INTO orders SELECT i, i, 1 FROM generate_series(1, 30) AS i;"
          + "CREATE TABLE measurements (k integer PRIMARY KEY, n serial,"
          + " customer integer REFERENCES customer) PARTITION BY RANGE (k);"
          + "CREATE TABLE m_1 PARTITION OF measurements FOR VALUES FROM (0) TO (10);"
          + "CREATE SCHEMA \"far away\"; CREATE TABLE \"far away\".m_2 PARTITION OF measurements"
          + " FOR VALUES FROM (10) TO (30) PARTITION BY RANGE (k);"
          + "CREATE TABLE m_2_a PARTITION OF \"far away\".m_2 FOR VALUES FROM (10) TO (20);"
          + "CREATE TABLE \"far away\".\"m.2 \"\"b\" PARTITION OF \"far away\".m_2 DEFAULT;"
          + "INSERT INTO measurements (k, customer) SELECT i, i FROM generate_series(1, 29) AS i;"
          + "CREATE TABLE visits (k integer REFERENCES measurements); INSERT INTO visits VALUES (5);"
          + "CREATE ROLE \"some one\"; CREATE TABLE \"far away\".\"odd\none\" (customer integer"
          + " CONSTRAINT \"f k\" REFERENCES customer); INSERT INTO \"far away\".\"odd\none\" VALUES"
          + " (2); ALTER TABLE \"far away\".\"odd\none\" OWNER TO \"some one\";"
          + "CREATE UNLOGGED TABLE fleeting (id integer PRIMARY KEY, up integer REFERENCES fleeting);"
          + "CREATE TABLE member (id integer PRIMARY KEY); INSERT INTO member VALUES (1);"
          + "ALTER EXTENSION plpgsql ADD TABLE member;"
          + "CREATE FOREIGN DATA WRAPPER dummy; CREATE SERVER abroad FOREIGN DATA WRAPPER dummy;"
          + "CREATE FOREIGN TABLE remote (i integer) SERVER abroad";

  private static final String KEYS =
      "SELECT coalesce(string_agg(k, ', ' ORDER BY k COLLATE \"C\"), '') FROM (SELECT"
          + " conrelid::regclass || ' to ' || confrelid::regclass AS k FROM pg_constraint"
          + " WHERE contype = 'f' AND conparentid = 0"
          + " AND connamespace <> 'steep_repl'::regnamespace) AS keys";

  private static final String TREE =
      "SELECT string_agg(relid::text, ' ' ORDER BY relid::text COLLATE \"C\")"
          + " FROM pg_partition_tree('measurements')";

  private static final Manifest.Excluded MEMBER =
      new Manifest.Excluded("public", "member", "belongs to extension \"plpgsql\"");

  private static TestCluster cluster;
  private static Snapshots snapshots;
  private static Applications applications;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    applications = new Applications(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
    Databases.create(cluster, "source");
    Databases.execute(cluster, "source", SCHEMA);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String value(String database, String sql) {
    return String.valueOf(Databases.value(cluster, database, sql));
  }

  private static void applyToEmpty(String name) {
    Databases.create(cluster, name);
    applications.apply(name, snapshots.path(name), ", 2, p_create_schema => true");
  }

  private static void applyAgain(String name) {
    applications.apply(name, snapshots.path(name), ", 2, p_truncate => true");
  }

  private static List<String> tables(Manifest manifest) {
    return manifest.tables().stream().map(Manifest.Table::name).toList();
  }

  private static Manifest.Excluded key(String table, String constraint, String refersTo) {
    return new Manifest.Excluded(
        "public",
        table + " " + constraint,
        "foreign key of public." + table + " to public." + refersTo);
  }

  @Test
  void aPartitionedTableStandsForItsPartitions() {
    Databases.execute(cluster, "source", "SELECT setval('measurements_n_seq', 777)");
    Manifest manifest =
        snapshots.generate("source", "included", ", p_include_tables => '{public.measurements}'");

    assertThat(tables(manifest)).containsExactly("m.2 \"b", "m_1", "m_2_a");
    assertThat(manifest.sequences())
        .extracting(Manifest.Sequence::name)
        .containsExactly("measurements_n_seq");
    assertThat(manifest.excluded())
        .containsExactly(
            key("measurements", "measurements_customer_fkey", "customer, which is left out"));

    Databases.create(cluster, "included");
    // What is included by name brings no schemas.
    Databases.execute(cluster, "included", "CREATE SCHEMA \"far away\"");
    applications.apply("included", snapshots.path("included"), ", p_create_schema => true");
    assertThat(value("included", TREE)).isEqualTo(value("source", TREE));
    assertThat(value("included", KEYS)).isEmpty();
    assertThat(value("included", "SELECT count(*) FROM measurements")).isEqualTo("29");
    assertThat(value("included", "SELECT last_value FROM measurements_n_seq")).isEqualTo("777");

    Databases.execute(cluster, "included", "DELETE FROM measurements WHERE k > 15");
    applyAgain("included");
    assertThat(value("included", "SELECT count(*) FROM measurements")).isEqualTo("29");
  }

  @Test
  void anExcludedOneTakesItsPartitionsWithIt() {
    Manifest manifest =
        snapshots.generate("source", "excluded", ", p_exclude_tables => '{measurements}'");

    assertThat(tables(manifest)).containsExactly("odd\none", "customer", "orders", "visits");
    assertThat(manifest.sequences()).isEmpty();
    assertThat(manifest.excluded())
        .contains(key("visits", "visits_k_fkey", "measurements, which is left out"));

    applyToEmpty("excluded");
    assertThat(value("excluded", "SELECT to_regclass('measurements')")).isEqualTo("null");
    assertThat(value("excluded", "SELECT to_regclass('m_2_a')")).isEqualTo("null");
    assertThat(value("excluded", KEYS))
        .isEqualTo(
            "\"far away\".\"odd\none\" to customer, fleeting to fleeting, orders to customer,"
                + " orders to orders");
    applyAgain("excluded");
    assertThat(value("excluded", "SELECT k FROM visits")).isEqualTo("5");
  }

  @Test
  void aPartitionBringsThePartitionedTablesAboveIt() {
    Manifest manifest = snapshots.generate("source", "leaf", ", p_include_tables => '{m_2_a}'");

    assertThat(tables(manifest)).containsExactly("m_2_a");
    Databases.create(cluster, "leaf");
    Databases.execute(cluster, "leaf", "CREATE SCHEMA \"far away\"");
    applications.apply("leaf", snapshots.path("leaf"), ", p_create_schema => true");
    assertThat(value("leaf", TREE)).isEqualTo("\"far away\".m_2 m_2_a measurements");
    assertThat(value("leaf", "SELECT count(*) FROM measurements")).isEqualTo("10");
  }

  /** The rows that are missing are those that somebody may refer to. */
  @Test
  void aKeyToATableWithoutOneOfItsPartitionsIsLeftOut() {
    Manifest manifest = snapshots.generate("source", "part", ", p_exclude_tables => '{m_1}'");

    assertThat(manifest.excluded())
        .contains(key("visits", "visits_k_fkey", "measurements, of which rows are left out"));
    applyToEmpty("part");
    assertThat(value("part", TREE))
        .isEqualTo("\"far away\".\"m.2 \"\"b\" \"far away\".m_2 m_2_a" + " measurements");
    assertThat(value("part", "SELECT count(*) FROM measurements")).isEqualTo("20");
    assertThat(value("part", "SELECT k FROM visits")).isEqualTo("5");
  }

  @Test
  void foreignKeysToWhatIsLeftOutAreLeftOut() {
    Manifest manifest = snapshots.generate("source", "keys", ", p_exclude_tables => '{customer}'");

    assertThat(manifest.excluded())
        .containsExactly(
            new Manifest.Excluded("public", "fleeting", "unlogged table"),
            MEMBER,
            new Manifest.Excluded("public", "remote", "foreign table"),
            new Manifest.Excluded(
                "far away",
                "odd\none f k",
                "foreign key of far away.odd\none to public.customer, which is left out"),
            key("measurements", "measurements_customer_fkey", "customer, which is left out"),
            key("orders", "orders_customer_fkey", "customer, which is left out"));
    assertThat(cluster.log())
        .contains(
            "public.orders orders_customer_fkey is left out: foreign key of public.orders to"
                + " public.customer, which is left out");

    applyToEmpty("keys");
    assertThat(cluster.log()).contains("public.orders orders_customer_fkey is not created: ");
    assertThat(value("keys", KEYS))
        .isEqualTo("fleeting to fleeting, orders to orders, visits to measurements");
    assertThat(value("keys", "SELECT count(*) FROM orders")).isEqualTo("30");
    assertThat(value("keys", "SELECT to_regclass('remote')")).isEqualTo("remote");
    assertThat(value("keys", "SELECT to_regclass('member')")).isEqualTo("null");
    applyAgain("keys");
    assertThat(value("keys", "SELECT count(*) FROM measurements")).isEqualTo("29");
  }

  @Test
  void aViewOfWhatIsLeftOutIsToldBeforeAnyRow() {
    Databases.create(cluster, "viewed");
    Databases.execute(
        cluster,
        "viewed",
        "CREATE TABLE t AS SELECT 1 AS i; CREATE TABLE kept AS SELECT 1 AS i; CREATE VIEW v AS"
            + " SELECT * FROM t");
    snapshots.generate("viewed", "viewed", ", p_exclude_tables => '{t}'");
    Databases.create(cluster, "blind");

    assertThat(applications.failure("blind", snapshots.path("viewed"), ", p_create_schema => true"))
        .contains("relation \"public.t\" does not exist (SQLSTATE 42P01)", "CREATE VIEW public.v");
    assertThat(value("blind", "SELECT to_regclass('kept')")).isEqualTo("null");
  }

  /** Nobody but the worker sees a name that was right when the job was queued. */
  @Test
  void aNameThatIsNoLongerThereFailsTheJob() {
    Databases.create(cluster, "renamed");
    Databases.execute(cluster, "renamed", "CREATE TABLE secret ()");
    String path = snapshots.path("renamed");
    String id =
        value(
            "renamed",
            "WITH job AS (SELECT steep_repl.enqueue('snapshot_generate', NULL, NULL,"
                + " jsonb_build_object('output_path', '"
                + path
                + "', 'compression', 'none', 'parallel', 1, 'keep_slot', false, 'exclude_tables',"
                + " ARRAY['confidential']), NULL) AS id)"
                + " SELECT (steep_repl.snapshot_of(id)).snapshot_id FROM job");
    snapshots.await("renamed", id, "failed");

    assertThat(snapshots.of("renamed", id, "error_message"))
        .contains("no table matches \"confidential\" of p_exclude_tables", "42P01");
    assertThat(Snapshots.files(path)).isEmpty();
  }
}
