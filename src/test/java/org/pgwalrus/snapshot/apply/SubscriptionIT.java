package org.pgwalrus.snapshot.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.Snapshots;
import org.pgwalrus.snapshot.files.Manifest;

/** Two clusters, one of which goes on writing while the other takes over its rows and follows. */
class SubscriptionIT {

  private static final String TABLES =
      "CREATE TABLE account (id integer PRIMARY KEY, money integer);"
          + "CREATE TABLE transfer (id integer PRIMARY KEY, amount integer)";

  /** Sums tell what was lost, numbers what came twice. */
  private static final String CONTENTS =
      "SELECT concat_ws(' ', (SELECT md5(string_agg(a::text, ',' ORDER BY id)) FROM account AS a),"
          + " (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM transfer AS t))";

  private static TestCluster source;
  private static TestCluster target;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    source = cluster();
    target = cluster();
    snapshots = Snapshots.of(source);
  }

  private static TestCluster cluster() {
    TestCluster cluster = Snapshots.server().start();
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute(TABLES);
    return cluster;
  }

  @AfterAll
  static void stop() {
    target.close();
    source.close();
  }

  @Test
  void whatChangesAfterTheSnapshotComesOnceAndWhole() throws InterruptedException {
    source.execute("INSERT INTO account SELECT i, 1000 FROM generate_series(1, 1000) AS i");
    Thread writer = Thread.ofPlatform().start(SubscriptionIT::write);
    awaitTransfers(50);
    String path = snapshots.path("followed");
    String id = snapshots.start("postgres", path, ", 'gzip', 2, p_keep_slot => true");
    snapshots.await("postgres", id, "complete");
    awaitTransfers(100);

    target.execute(
        "SELECT steep_repl.register_node('berlin', 'Berlin', '127.0.0.1', "
            + source.port()
            + ", p_dbname => 'postgres', p_conninfo => 'user=postgres')");
    Applications applications = new Applications(target);
    applications.apply("postgres", path, ", p_source_node => 'berlin'");
    awaitTransfers(200);
    writer.interrupt();
    writer.join();

    Wait.until(
        () -> "the target has not followed\n" + target.log(),
        Snapshots.SOON,
        () -> String.valueOf(target.value(CONTENTS)).equals(source.value(CONTENTS)));
    assertThat(target.value("SELECT sum(money) FROM account")).isEqualTo("1000000");
    assertThat(target.value("SELECT subscription_name FROM steep_repl.snapshot_applications"))
        .isEqualTo("steep_sub_local_from_berlin");
    assertThat(source.value("SELECT active FROM pg_replication_slots")).isEqualTo("t");
  }

  /** A subscription would be made all the same, and miss them for ever. */
  @Test
  void changesThatWouldBeMissedAreToldBeforeAnythingIsLoaded() {
    source.execute("CREATE DATABASE read");
    Databases.execute(
        source, "read", "CREATE EXTENSION steep_repl; CREATE TABLE t (i integer PRIMARY KEY)");
    Databases.execute(source, "read", "INSERT INTO t VALUES (1)");
    Manifest manifest = snapshots.generate("read", "read", ", p_keep_slot => true");
    Databases.create(target, "late", "CREATE TABLE t (i integer PRIMARY KEY)");
    Databases.execute(
        target,
        "late",
        "SELECT steep_repl.register_node('rome', 'Rome', '127.0.0.1', "
            + source.port()
            + ", p_dbname => 'read', p_conninfo => 'user=postgres')");
    Databases.execute(source, "read", "INSERT INTO t VALUES (2)");
    Databases.execute(
        source,
        "read",
        "SELECT pg_logical_slot_get_binary_changes('"
            + manifest.slotName()
            + "', NULL, NULL, 'proto_version', '1', 'publication_names', '"
            + manifest.publication()
            + "')");
    assertThat(follow())
        .contains("SQLSTATE 55000", "were read from replication slot \"" + manifest.slotName());

    source.execute("SELECT pg_drop_replication_slot('" + manifest.slotName() + "')");
    assertThat(follow()).contains("node \"rome\" has no replication slot");

    Databases.execute(
        target, "late", "UPDATE steep_repl.nodes SET port = 1 WHERE node_id = 'rome'");
    assertThat(follow()).contains("SQLSTATE 08006", "node \"rome\": could not connect");
    assertThat(Databases.value(target, "late", "SELECT count(*) FROM t")).isEqualTo("0");
  }

  private static String follow() {
    return new Applications(target)
        .failure("late", snapshots.path("read"), ", p_source_node => 'rome'");
  }

  private static void awaitTransfers(int more) {
    long before = transfers();
    Wait.until("the writer is stuck", Snapshots.SOON, () -> transfers() >= before + more);
  }

  private static long transfers() {
    return Long.parseLong(String.valueOf(source.value("SELECT count(*) FROM transfer")));
  }

  private static void write() {
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      for (int i = 1; !Thread.currentThread().isInterrupted(); i++) {
        statement.execute(
            "BEGIN; UPDATE account SET money = money - 1 WHERE id = "
                + (i * 7919 % 1000 + 1)
                + "; UPDATE account SET money = money + 1 WHERE id = "
                + (i % 1000 + 1)
                + "; INSERT INTO transfer VALUES ("
                + i
                + ", 1); COMMIT");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aTableWithoutAKeyIsNotPublished() {
    source.execute("CREATE DATABASE keyless");
    try (Connection connection = source.connect("postgres", "keyless");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE EXTENSION steep_repl; CREATE TABLE t (i integer)");
      statement.execute(
          "SELECT steep_repl.start_snapshot('" + snapshots.path("k") + "', p_keep_slot => true)");
    } catch (SQLException e) {
      assertThat(e.getSQLState()).isEqualTo("SR007");
      assertThat(e.getMessage()).contains("public.t");
      return;
    }
    throw new AssertionError("a table without a primary key would be published");
  }
}
