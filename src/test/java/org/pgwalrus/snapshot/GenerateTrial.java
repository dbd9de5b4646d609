package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.snapshot.files.Manifest;

/** A snapshot of a database whose rows do not change, with or without its slot kept. */
record GenerateTrial(Snapshots snapshots, String database, String path, boolean keepsSlot)
    implements KillTrial {

  /** Slots that there are, and those that the books know. */
  private static final String SLOTS =
      "SELECT concat_ws(' ', (SELECT string_agg(slot_name, ' ') FROM pg_replication_slots),"
          + " (SELECT string_agg(slot_name, ' ') FROM steep_repl.init_slots))";

  @Override
  public String start() {
    return "SELECT steep_repl.start_snapshot('"
        + path
        + "', 'lz4', 2, p_keep_slot => "
        + keepsSlot
        + ")";
  }

  @Override
  public void assertComplete(String job) {
    Manifest manifest = snapshots.whole(database, snapshot(job), path);
    for (Manifest.Table table : manifest.tables()) {
      assertThat(String.valueOf(table.rowCount()))
          .as(table.name())
          .isEqualTo(value("SELECT count(*) FROM ONLY " + Sql.name(table.schema(), table.name())));
    }
    String slot = manifest.slotName();
    assertThat(value(SLOTS)).isEqualTo(slot == null ? "" : slot + " " + slot);
    assertThat(slot != null).isEqualTo(keepsSlot);
    value("SELECT steep_repl.delete_snapshot('" + manifest.snapshotId() + "')");
    assertThat(value(SLOTS)).isEmpty();
  }

  @Override
  public void assertUndone(String job) {
    assertThat(Path.of(path)).doesNotExist();
    assertThat(value(SLOTS)).isEmpty();
  }

  private String snapshot(String job) {
    return value("SELECT snapshot_id FROM steep_repl.work_queue WHERE id = " + job);
  }

  private String value(String sql) {
    return String.valueOf(Databases.value(snapshots.cluster(), database, sql));
  }
}
