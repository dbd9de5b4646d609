package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** In which order snapshots are listed: those that are done, and those that are not. */
class SnapshotListIT {

  private static final int MOST = 10;

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute("CREATE TABLE t AS SELECT 1 AS i");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static List<String> list(String arguments) {
    return cluster.column("SELECT snapshot_id FROM steep_repl.list_snapshots(" + arguments + ")");
  }

  private static List<String> progress() {
    return cluster.column("SELECT snapshot_id FROM steep_repl.snapshot_progress()");
  }

  @Test
  void theNewestIsTheFirst() throws SQLException {
    List<String> complete = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      complete.addFirst(snapshots.generate("postgres", "done_" + i, "").snapshotId());
    }
    assertThat(list("")).isEqualTo(complete);
    assertThat(progress()).isEmpty();

    List<String> waiting = new ArrayList<>();
    String running;
    try (Connection holder = cluster.connect();
        Statement statement = holder.createStatement()) {
      statement.execute("BEGIN; LOCK TABLE t");
      running = snapshots.start("postgres", snapshots.path("running"), "");
      Wait.until(
          cluster::log,
          Snapshots.SOON,
          () -> snapshots.of("postgres", running, "status").equals("generating"));
      for (int i = 0; i < MOST + 1; i++) {
        waiting.addFirst(snapshots.start("postgres", snapshots.path("waiting_" + i), ""));
      }

      List<String> unfinished = new ArrayList<>(waiting);
      unfinished.addFirst(running);
      assertThat(progress()).isEqualTo(unfinished.subList(0, MOST));

      List<String> all = new ArrayList<>(waiting);
      all.add(running);
      all.addAll(complete);
      assertThat(list("")).isEqualTo(all);
      assertThat(list("'complete'")).isEqualTo(complete);
      assertThat(list("'complete', 2")).isEqualTo(complete.subList(0, 2));
      assertThat(list("'pending'")).isEqualTo(waiting);
      assertThat(list("'generating'")).containsExactly(running);
      assertThat(list("p_limit => 3")).isEqualTo(all.subList(0, 3));
      assertThat(list("NULL, NULL")).isEqualTo(all);

      cluster.execute(
          "SELECT steep_repl.cancel_snapshot(snapshot_id) FROM steep_repl.snapshots"
              + " WHERE status = 'pending'");
    }
    snapshots.await("postgres", running, "complete");
    assertThat(list("'cancelled'")).isEqualTo(waiting);
    assertThat(progress()).isEmpty();
  }
}
