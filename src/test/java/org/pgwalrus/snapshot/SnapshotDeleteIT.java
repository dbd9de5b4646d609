package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** Deleting snapshots that were really made, with their files and their slots. */
class SnapshotDeleteIT {

  private static final String BASE = "postgres";
  private static final String KEEP_SLOT = ", p_keep_slot => true";
  private static final String SLOTS = "SELECT count(*) FROM pg_replication_slots";

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute("CREATE TABLE t AS SELECT generate_series(1, 100) AS i");
    cluster.execute("ALTER TABLE t ADD PRIMARY KEY (i)");
    cluster.execute("CREATE PUBLICATION used FOR TABLE t");
    cluster.execute("CREATE TABLE held (i integer PRIMARY KEY)");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String generate(String name, String arguments) {
    return snapshots.generate(BASE, name, arguments).snapshotId();
  }

  private static void delete(String id, boolean files) {
    assertThat(cluster.value("SELECT steep_repl.delete_snapshot('" + id + "', " + files + ")"))
        .isEqualTo("t");
  }

  private static void awaitGone(String id) {
    Wait.until(
        () -> "snapshot is " + snapshots.of(BASE, id, "to_jsonb(snapshots)") + cluster.log(),
        Snapshots.SOON,
        () ->
            "0"
                .equals(
                    cluster.value(
                        "SELECT count(*) FROM steep_repl.snapshots WHERE snapshot_id = '"
                            + id
                            + "'")));
  }

  /** Waits until the job of a deletion has failed; what the row says then. */
  private static String awaitRefusal(String id) {
    Wait.until(
        () -> "snapshot is " + snapshots.of(BASE, id, "to_jsonb(snapshots)") + cluster.log(),
        Snapshots.SOON,
        () -> snapshots.of(BASE, id, "coalesce(error_message, '')").startsWith("not deleted: "));
    return snapshots.of(BASE, id, "status || ': ' || error_message");
  }

  @Test
  void filesSlotAndRowGoByAJob() {
    String id = generate("whole", KEEP_SLOT);
    assertThat(cluster.value("SELECT steep_repl.kept_slot('" + id + "')")).isNotNull();

    delete(id, true);
    awaitGone(id);

    assertThat(Path.of(snapshots.path("whole"))).doesNotExist();
    assertThat(cluster.value("SELECT steep_repl.kept_slot('" + id + "')")).isNull();
    assertThat(
            cluster.value(
                "SELECT count(*) FROM steep_repl.init_slots WHERE slot_name LIKE '%"
                    + id.substring(id.length() - 8)
                    + "'"))
        .isEqualTo("0");
    assertThat(
            cluster.column(
                "SELECT concat_ws(' ', action, actor, old_value ->> 'storage_path')"
                    + " FROM steep_repl.audit_log WHERE action LIKE 'snapshot.%' AND target_id = '"
                    + id
                    + "'"))
        .containsExactly("snapshot.deleted postgres@job " + snapshots.path("whole"));
    assertThat(
            cluster.value(
                "SELECT concat_ws(' ', status, snapshot_id) FROM steep_repl.work_queue"
                    + " WHERE operation = 'snapshot_delete' ORDER BY id DESC LIMIT 1"))
        .isEqualTo("complete");
  }

  @Test
  void withoutItsFilesTheRowGoesAtOnce() {
    String id = generate("left", KEEP_SLOT);
    List<String> files = Snapshots.files(snapshots.path("left"));

    delete(id, false);

    assertThat(
            cluster.value(
                "SELECT count(*) FROM steep_repl.snapshots WHERE snapshot_id = '" + id + "'"))
        .isEqualTo("0");
    assertThat(
            cluster.value(
                "SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE '%"
                    + id.substring(id.length() - 8)
                    + "'"))
        .isEqualTo("0");
    assertThat(Snapshots.files(snapshots.path("left"))).isEqualTo(files).isNotEmpty();
  }

  @Test
  void aForeignFileKeepsAllAsItIs() throws IOException {
    String id = generate("mixed", KEEP_SLOT);
    Path foreign = Path.of(snapshots.path("mixed"), "notes.txt");
    Files.writeString(foreign, "mine");
    Installation.get().give(foreign);
    List<String> files = Snapshots.files(snapshots.path("mixed"));

    delete(id, true);

    assertThat(awaitRefusal(id))
        .startsWith("complete: ")
        .contains("\"notes.txt\"", "(SQLSTATE 58P02)");
    assertThat(Snapshots.files(snapshots.path("mixed"))).isEqualTo(files);
    assertThat(cluster.value("SELECT steep_repl.kept_slot('" + id + "')")).isNotNull();

    Files.delete(foreign);
    delete(id, true);
    awaitGone(id);
    assertThat(Path.of(snapshots.path("mixed"))).doesNotExist();
  }

  @Test
  void whileAJobRunsNothingIsDeleted() throws SQLException {
    try (Connection holder = cluster.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE held");
      String id = snapshots.start(BASE, snapshots.path("busy"), "");
      snapshots.await(BASE, id, "generating");
      for (boolean files : new boolean[] {false, true}) {
        var error = cluster.error("SELECT steep_repl.delete_snapshot('" + id + "', " + files + ")");
        assertThat(error.getSQLState()).isEqualTo("55006");
        assertThat(error.getMessage()).contains("is in use by job");
      }
      holder.rollback();
      snapshots.await(BASE, id, "complete");
      delete(id, true);
      awaitGone(id);
    }
  }

  @Test
  void anotherSnapshotInItsPlaceIsLeftAlone() throws IOException {
    String first = generate("shared", "");
    Files.move(Path.of(snapshots.path("shared")), Path.of(snapshots.path("moved")));
    String second = generate("shared", "");
    List<String> files = Snapshots.files(snapshots.path("shared"));

    delete(first, true);

    assertThat(awaitRefusal(first)).contains("does not hold snapshot", second);
    assertThat(Snapshots.files(snapshots.path("shared"))).isEqualTo(files);
    Files.move(Path.of(snapshots.path("shared")), Path.of(snapshots.path("aside")));
    delete(first, true);
    awaitGone(first);
  }

  /** As a crash within the deletion leaves it: the manifest went first. */
  @Test
  void aDeletionThatWasInterruptedIsDoneAgain() throws IOException {
    String id = generate("half", "");
    Files.delete(Path.of(snapshots.path("half"), "manifest.json"));

    delete(id, true);
    awaitGone(id);

    assertThat(Path.of(snapshots.path("half"))).doesNotExist();
  }

  /** As a crash after its last file leaves it: nothing tells any more whose it is. */
  @Test
  void anEmptyDirectoryIsRemovedToo() throws IOException {
    String id = generate("emptied", "");
    Snapshots.empty(Path.of(snapshots.path("emptied")));
    cluster.execute(
        "UPDATE steep_repl.snapshots SET status = 'failed', checksum = NULL WHERE snapshot_id = '"
            + id
            + "'");

    delete(id, true);
    awaitGone(id);

    assertThat(Path.of(snapshots.path("emptied"))).doesNotExist();
  }

  /** A job that was cancelled before it came to its turn has not been there. */
  @Test
  void anEmptyDirectoryOfSomebodyElseIsLeft() throws IOException {
    Path place = Files.createDirectory(Path.of(snapshots.path("prepared")));
    Installation.get().give(place);
    String id = generate("prepared", "");
    Snapshots.empty(place);
    cluster.execute(
        "UPDATE steep_repl.snapshots SET status = 'cancelled', checksum = NULL,"
            + " directory_begun = false WHERE snapshot_id = '"
            + id
            + "'");

    delete(id, true);
    awaitGone(id);

    assertThat(place).isEmptyDirectory();
  }

  @Test
  void aDirectoryThatCannotBeRemovedIsLeftEmpty() throws IOException {
    try (FixedDirectory fixed = new FixedDirectory(snapshots.place(), "fixed")) {
      String id = generate(fixed.name(), "");
      delete(id, true);
      awaitGone(id);

      assertThat(fixed.path()).isEmptyDirectory();
      assertThat(cluster.log()).contains(fixed.path() + "\": permission denied; the files");
    }
  }

  /** Whoever has read changes from a slot would miss the next ones. */
  @Test
  void aSlotThatSomebodyUsesStays() {
    String id = generate("used", KEEP_SLOT);
    String slot = String.valueOf(cluster.value("SELECT steep_repl.kept_slot('" + id + "')"));
    cluster.execute("INSERT INTO t VALUES (0)");
    cluster.execute(
        "SELECT pg_logical_slot_get_binary_changes('"
            + slot
            + "', NULL, NULL, 'proto_version', '1', 'publication_names', 'used')");

    delete(id, true);
    awaitGone(id);

    assertThat(cluster.column("SELECT slot_name FROM pg_replication_slots")).contains(slot);
    cluster.execute("SELECT pg_drop_replication_slot('" + slot + "')");
  }

  @Test
  void theJobHasNoMoreRightsThanItsRole() {
    cluster.execute("CREATE ROLE plain LOGIN IN ROLE steep_repl_operator");
    String id = generate("guarded", "");
    List<String> files = Snapshots.files(snapshots.path("guarded"));
    cluster.execute(
        "UPDATE steep_repl.snapshots SET requested_by = 'plain' WHERE snapshot_id = '" + id + "'");
    assertThat(
            cluster
                .error("plain", "SELECT steep_repl.delete_snapshot('" + id + "', true)")
                .getSQLState())
        .isEqualTo("42501");
    cluster.execute(
        "SET ROLE plain; SELECT steep_repl.enqueue('snapshot_delete', '"
            + id
            + "', NULL, '{}', NULL)");

    assertThat(awaitRefusal(id)).startsWith("complete: ").contains("permission denied");
    assertThat(Snapshots.files(snapshots.path("guarded"))).isEqualTo(files);
  }

  @Test
  void noSlotIsLeft() {
    String id = generate("counted", KEEP_SLOT);
    String before = cluster.value(SLOTS);
    cluster.execute("CREATE ROLE admin LOGIN IN ROLE steep_repl_admin");
    assertThat(
            cluster.error("admin", "SELECT steep_repl.delete_snapshot('" + id + "')").getSQLState())
        .as("who may not drop the slot may not delete the row")
        .isEqualTo("42501");
    assertThat(cluster.value(SLOTS)).isEqualTo(before);
    assertThat(snapshots.of(BASE, id, "status")).isEqualTo("complete");
    delete(id, false);
    assertThat(cluster.value("SELECT steep_repl.kept_slot('" + id + "')")).isNull();
  }
}
