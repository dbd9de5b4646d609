package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.apply.Applications;

/** Snapshots and slots that go at their time, without anybody calling anything. */
class SnapshotExpiryIT {

  private static final String BASE = "postgres";

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
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String generate(String name, String arguments) {
    return snapshots.generate(BASE, name, arguments).snapshotId();
  }

  private static void expireIn(String id, String time) {
    cluster.execute(
        "UPDATE steep_repl.snapshots SET expires_at = now() + interval '"
            + time
            + "' WHERE snapshot_id = '"
            + id
            + "'");
  }

  /** Nothing else happens meanwhile: the launcher itself knows the time, and needs no JVM. */
  @Test
  void aSnapshotExpiresWhileAllIsIdle() {
    String id = generate("kept", "");
    List<String> files = Snapshots.files(snapshots.path("kept"));
    snapshots.awaitIdle();
    String jobs = cluster.value("SELECT count(*) FROM steep_repl.work_queue");

    expireIn(id, "2 s");
    snapshots.await(BASE, id, "expired");

    assertThat(Snapshots.files(snapshots.path("kept"))).isEqualTo(files);
    assertThat(cluster.value("SELECT count(*) FROM steep_repl.work_queue")).isEqualTo(jobs);
    assertThat(
            cluster.column(
                "SELECT action FROM steep_repl.audit_log WHERE target_id = '" + id + "'"))
        .contains("snapshot.expired");
  }

  @Test
  void oneThatWasToExpireWhenItWasStartedDoes() {
    String id = snapshots.start(BASE, snapshots.path("short"), ", p_expires_after => '1 s'");
    snapshots.await(BASE, id, "expired");
    assertThat(snapshots.of(BASE, id, "checksum")).startsWith("sha256:");
  }

  /** Its files are as they were, and would else be there for ever. */
  @Test
  void oneThatCouldNotBeAppliedExpiresLikeOthers() {
    String id = generate("refused", "");
    Applications applications = new Applications(cluster);
    assertThat(applications.failure(BASE, snapshots.path("refused"), ""))
        .contains("table public.t is not empty");
    assertThat(snapshots.of(BASE, id, "status")).isEqualTo("failed");

    expireIn(id, "1 s");
    snapshots.await(BASE, id, "expired");
  }

  @Test
  void aRestartForgetsNothing() {
    String id = generate("restarted", "");
    expireIn(id, "5 s");
    cluster.restart();
    snapshots.await(BASE, id, "expired");
  }

  @Test
  void filesAndSlotsGoTooWhereThatIsSet() {
    cluster.execute("CREATE ROLE maker LOGIN REPLICATION IN ROLE steep_repl_operator");
    cluster.execute("GRANT pg_write_server_files, pg_read_all_data TO maker");
    // To publish the tables it has to own them, wherever no other test has published them yet.
    cluster.execute("GRANT CREATE ON DATABASE postgres TO maker; ALTER TABLE t OWNER TO maker");
    cluster.execute("ALTER SYSTEM SET steep_repl.expired_snapshots = 'remove'");
    cluster.reload();
    cluster.execute(
        "SET SESSION AUTHORIZATION maker; SELECT steep_repl.start_snapshot('"
            + snapshots.path("removed")
            + "', p_keep_slot => true)");
    String id =
        String.valueOf(
            cluster.value(
                "SELECT snapshot_id FROM steep_repl.snapshots WHERE requested_by = 'maker'"));
    snapshots.await(BASE, id, "complete");
    assertThat(cluster.value("SELECT steep_repl.kept_slot('" + id + "')")).isNotNull();
    // Its job is kept: it tells whose the files are.
    expireIn(id, "1 h");
    cluster.execute("SELECT steep_repl.prune_work_queue('0')");

    expireIn(id, "1 s");
    Wait.until(
        () -> "snapshot is " + snapshots.of(BASE, id, "to_jsonb(snapshots)") + cluster.log(),
        Snapshots.SOON,
        () ->
            cluster
                .column("SELECT snapshot_id FROM steep_repl.snapshots WHERE requested_by = 'maker'")
                .isEmpty());
    cluster.execute("ALTER SYSTEM RESET steep_repl.expired_snapshots");
    cluster.reload();

    assertThat(Path.of(snapshots.path("removed"))).doesNotExist();
    assertThat(cluster.column("SELECT slot_name FROM pg_replication_slots WHERE NOT active"))
        .noneMatch(slot -> slot.endsWith(id.substring(id.length() - 8)));
    assertThat(
            cluster.value(
                "SELECT concat_ws(' ', requested_by, requested_role::regrole, status)"
                    + " FROM steep_repl.work_queue WHERE operation = 'snapshot_delete'"))
        .isEqualTo("maker maker complete");
  }

  @Test
  void aKeptSlotGoesAtItsTimeUnlessSomebodyUsesIt() {
    String unused = generate("unused", ", p_keep_slot => true");
    String used = generate("used", ", p_keep_slot => true");
    String slot = String.valueOf(cluster.value("SELECT steep_repl.kept_slot('" + used + "')"));
    assertThat(cluster.value("SELECT count(*) FROM steep_repl.expiring_slots()")).isEqualTo("2");
    cluster.execute("INSERT INTO t VALUES (0)");
    cluster.execute(
        "SELECT pg_logical_slot_get_binary_changes('"
            + slot
            + "', NULL, NULL, 'proto_version', '1', 'publication_names', 'used')");

    cluster.execute("UPDATE steep_repl.init_slots SET expires_at = now() + interval '1 s'");
    Wait.until(
        () -> "the slot is left\n" + cluster.log(),
        Snapshots.SOON,
        () -> cluster.column("SELECT slot_name FROM pg_replication_slots").equals(List.of(slot)));

    assertThat(snapshots.of(BASE, unused, "status")).isEqualTo("complete");
    assertThat(cluster.column("SELECT slot_name FROM steep_repl.init_slots")).containsExactly(slot);
    assertThat(cluster.value("SELECT steep_repl.next_expiry()")).isEqualTo("0");
    cluster.execute("SELECT pg_drop_replication_slot('" + slot + "')");
    cluster.execute("DELETE FROM steep_repl.init_slots");
  }
}
