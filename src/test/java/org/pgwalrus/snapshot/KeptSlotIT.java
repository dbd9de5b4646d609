package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.apply.Applications;
import org.pgwalrus.snapshot.files.Manifest;
import org.postgresql.util.ServerErrorMessage;

/** What a slot that is kept needs, and what whoever follows it goes by. */
class KeptSlotIT {

  private static final String KEEP = ", p_keep_slot => true";
  private static final int SLOTS = 4;

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().set("max_replication_slots", String.valueOf(SLOTS)).start();
    snapshots = Snapshots.of(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute(
        "CREATE ROLE keeper LOGIN REPLICATION IN ROLE steep_repl_operator, pg_write_server_files,"
            + " pg_read_all_data");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String value(String database, String sql) {
    return String.valueOf(Databases.value(cluster, database, sql));
  }

  @Test
  void whereAllSlotsAreUsedUpNothingIsLeft() {
    Databases.create(cluster, "crowded", "CREATE TABLE t (i integer PRIMARY KEY)");
    String take =
        "SELECT pg_create_logical_replication_slot('taken_' || i, 'pgoutput')"
            + " FROM generate_series((SELECT count(*) FROM pg_replication_slots) + 1, "
            + SLOTS
            + ") AS i";
    String give =
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            + " WHERE slot_name LIKE 'taken%'";
    Databases.execute(cluster, "crowded", take);
    try {
      for (String option : List.of("", KEEP)) {
        String path = snapshots.path("crowded" + option.length());
        String id = snapshots.start("crowded", path, option);
        snapshots.await("crowded", id, "failed");

        assertThat(snapshots.of("crowded", id, "error_message"))
            .contains("all replication slots are in use", "53400", "max_replication_slots");
        Wait.until("files are left", Snapshots.SOON, () -> Snapshots.files(path).isEmpty());
        assertThat(value("crowded", "SELECT count(*) FROM steep_repl.init_slots")).isEqualTo("0");
        assertThat(
                value(
                    "crowded",
                    "SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'steep%'"
                        + " AND database = current_database()"))
            .isEqualTo("0");
      }
    } finally {
      Databases.execute(cluster, "crowded", give);
    }
    snapshots.generate("crowded", "roomy", KEEP);
    snapshots.awaitIdle();
    Databases.execute(
        cluster,
        "crowded",
        "SELECT steep_repl.delete_snapshot(snapshot_id)"
            + " FROM steep_repl.snapshots WHERE status = 'complete'");
  }

  private static ServerErrorMessage refusal(String path) {
    return cluster.error(
        "keeper", "SELECT steep_repl.start_snapshot('" + snapshots.path(path) + "'" + KEEP + ")");
  }

  @Test
  void whoMayNotPublishIsToldBeforeAnythingIsQueued() {
    cluster.execute("CREATE TABLE mine (i integer PRIMARY KEY); ALTER TABLE mine OWNER TO keeper");
    cluster.execute("CREATE TABLE theirs (i integer PRIMARY KEY)");
    try {
      ServerErrorMessage database = refusal("database");
      assertThat(database.getSQLState()).isEqualTo("42501");
      assertThat(database.getMessage())
          .isEqualTo("permission denied to create publication \"steep_pub_local\"");
      assertThat(database.getHint()).contains("GRANT CREATE ON DATABASE postgres TO keeper");

      cluster.execute("GRANT CREATE ON DATABASE postgres TO keeper");
      ServerErrorMessage tables = refusal("tables");
      assertThat(tables.getSQLState()).isEqualTo("42501");
      assertThat(tables.getMessage())
          .isEqualTo("permission denied to publish tables public.theirs");
      assertThat(tables.getHint()).contains("owner");

      cluster.execute("CREATE PUBLICATION steep_pub_local");
      ServerErrorMessage publication = refusal("publication");
      assertThat(publication.getSQLState()).isEqualTo("42501");
      assertThat(publication.getMessage())
          .isEqualTo(
              "permission denied to add tables to publication \"steep_pub_local\":"
                  + " public.mine, public.theirs");
      assertThat(cluster.value("SELECT count(*) FROM steep_repl.work_queue")).isEqualTo("0");

      cluster.execute("ALTER PUBLICATION steep_pub_local ADD TABLE mine, theirs");
      cluster.execute(
          "SET SESSION AUTHORIZATION keeper; SELECT steep_repl.start_snapshot('"
              + snapshots.path("published")
              + "'"
              + KEEP
              + ")");
      String id = String.valueOf(cluster.value("SELECT snapshot_id FROM steep_repl.snapshots"));
      snapshots.await("postgres", id, "complete");
      snapshots.awaitIdle();
      cluster.execute("SELECT steep_repl.delete_snapshot('" + id + "')");
    } finally {
      cluster.execute("DROP TABLE mine, theirs; DROP PUBLICATION IF EXISTS steep_pub_local");
    }
  }

  /** Names of nodes have characters that names of publications do not have. */
  @Test
  void nodesWithSimilarNamesAreFollowedBySubscriptionsOfTheirOwn() {
    try {
      followSimilarNames();
    } finally {
      become("");
    }
  }

  private static void followSimilarNames() {
    String[] nodes = {"a-b", "a_b"};
    Databases.create(cluster, "both");
    for (int i = 0; i < nodes.length; i++) {
      String source = "source_" + i;
      Databases.create(
          cluster,
          source,
          "CREATE TABLE t" + i + " AS SELECT 1 AS i",
          "ALTER TABLE t" + i + " ADD PRIMARY KEY (i)");
      String node = nodes[i];
      become(node);
      Manifest manifest = snapshots.generate(source, source, KEEP);
      assertThat(manifest.sourceNode()).isEqualTo(node);
      assertThat(manifest.publication())
          .isEqualTo(value(source, "SELECT pubname FROM pg_publication"));
      Databases.execute(
          cluster,
          "both",
          "CREATE TABLE t"
              + i
              + " (i integer PRIMARY KEY); SELECT steep_repl.register_node('"
              + node
              + "', 'Node', '127.0.0.1', "
              + cluster.port()
              + ", p_dbname => '"
              + source
              + "', p_conninfo => 'user=postgres')");
    }
    become("c");
    Applications applications = new Applications(cluster);
    for (int i = 0; i < nodes.length; i++) {
      applications.apply(
          "both", snapshots.path("source_" + i), ", p_source_node => '" + nodes[i] + "'");
      Databases.execute(cluster, "source_" + i, "INSERT INTO t" + i + " VALUES (2)");
    }
    for (int i = 0; i < nodes.length; i++) {
      String count = "SELECT count(*) FROM t" + i;
      Wait.until(cluster::log, Snapshots.SOON, () -> value("both", count).equals("2"));
    }
    assertThat(
            value("both", "SELECT string_agg(subname, ' ' ORDER BY subname) FROM pg_subscription"))
        .matches("steep_sub_c_from_a_b steep_sub_c_from_a_b_[0-9a-f]{8}");
  }

  private static void become(String node) {
    cluster.alterSystem("steep_repl.node_id", node);
    cluster.reload();
    Wait.until(
        "the node is " + node,
        Snapshots.SOON,
        () -> cluster.setting("steep_repl.node_id").equals(node));
  }
}
