package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** {@code walrus.release()} hands the size back. */
@Execution(ExecutionMode.CONCURRENT)
class ReleaseIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);

  @Test
  void resetsTheSizeAndOnlyAdvisesUntilTheServerStartsAgain() {
    try (TestCluster cluster = Storm.server().set("walrus.cooldown_sec", "0").startWithBaseline()) {
      HistoryTable history = HistoryTable.of(cluster);
      try (WalLoad _ = Storm.begin(cluster)) {
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
        cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
        assertThat(cluster.autoConf()).contains("max_wal_size");

        assertThat(cluster.value("SELECT walrus.release()")).isEqualTo("t");
        history.await("metadata ->> 'source' = 'walrus.release'", 1, TestCluster.SOON);
        assertThat(cluster.autoConf()).doesNotContain("max_wal_size");
        assertThat(cluster.setting("max_wal_size")).isEqualTo("64");
        assertThat(history.newest("action || ' ' || new_size_mb", "true")).isEqualTo("decrease 64");
        assertThat(history.metadata("user", "true")).isEqualTo("postgres");
        assertThat(history.metadata("effective", "true")).isEqualTo("true");

        history.await("action = 'dry_run'", 1, AN_INTERVAL);
        assertThat(cluster.log())
            .contains("pg_walrus [DRY-RUN]: would change max_wal_size from 64");
        assertReleased(cluster, "advise", "true");
      }
      long worker = cluster.workerPid();
      cluster.execute("SELECT pg_terminate_backend(" + worker + ")");
      cluster.awaitWorker(worker, AN_INTERVAL);
      assertReleased(cluster, "advise", "true");

      cluster.restart();
      cluster.awaitBaseline();
      assertReleased(cluster, "alter_system", "false");
      assertThat(cluster.stateNumber("total_adjustments")).isZero();
    }
  }

  @Test
  void leavesTheSizeThatIsNamedIfTheServerCanStartWithIt() {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      assertThat(cluster.error("SELECT walrus.release(31)").getMessage())
          .isEqualTo("31 MB is less than two WAL segments (32 MB)");
      assertThat(cluster.error("SELECT walrus.release(31)").getSQLState()).isEqualTo("22023");
      cluster.execute("CREATE ROLE plain LOGIN");
      assertThat(cluster.error("plain", "SELECT walrus.release()").getSQLState())
          .isEqualTo("42501");
      assertReleased(cluster, "alter_system", "false");

      cluster.alterSystem("walrus.enable", "off").reload();
      cluster.awaitState("baseline_valid", "false", TestCluster.SOON);
      cluster.execute("SELECT walrus.release(1536)");
      HistoryTable history = HistoryTable.of(cluster);
      history.await("new_size_mb = 1536", 1, TestCluster.SOON);
      assertThat(cluster.setting("max_wal_size")).isEqualTo("1536");
      assertThat(history.newest("action || ' ' || old_size_mb", "true")).isEqualTo("increase 1024");
      assertReleased(cluster, "advise", "true");
    }
  }

  private static void assertReleased(TestCluster cluster, String mode, String released) {
    JsonText status = JsonText.query(cluster, "SELECT walrus.status()");
    assertThat(status.get("apply_mode")).isEqualTo(mode);
    assertThat(status.get("released")).isEqualTo(released);
  }
}
