package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.Books;
import org.pgwalrus.cluster.RamDisk;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;

/** A history that cannot be written: sizing goes on, and the rows come later. */
@Execution(ExecutionMode.CONCURRENT)
class HistoryFaultsIT {

  /** Rows that wait are tried again once a minute, if there is no other before. */
  private static final Duration A_RETRY = Duration.ofSeconds(100);

  /** What is told of each ceiling, and not of the history. */
  private static final String AT_CEILING = "WARNING:  pg_walrus: requested max_wal_size of ";

  private static final String MISSING =
      "WARNING:  pg_walrus: history table does not exist, skipping history insert";

  private static TestCluster smallCluster() {
    return TestCluster.create()
        .set("max_wal_size", "64MB")
        .set("min_wal_size", "32MB")
        .set("walrus.cooldown_sec", "0")
        .set("walrus.min_size", "64MB")
        .set("walrus.max", "128MB");
  }

  /** Rows that wait are written with the next one. */
  private static void growAgain(TestCluster cluster) {
    cluster.set("walrus.max", "192MB").reload();
    cluster.loadUntilChanged(2);
  }

  /** Warnings of the history. */
  private static int warnings(TestCluster cluster) {
    return cluster.logCount("WARNING:  pg_walrus: ") - cluster.logCount(AT_CEILING);
  }

  @Test
  void aLockedTableDelaysTheRowAndNotTheSize() throws Exception {
    try (TestCluster cluster = smallCluster().startWithBaseline();
        Connection holder = cluster.connect();
        Statement statement = holder.createStatement()) {
      long worker = cluster.workerPid();
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE walrus.history IN ACCESS EXCLUSIVE MODE");

      cluster.loadUntilChanged(1);
      cluster.awaitState("history_pending", "1", TestCluster.SOON);
      assertThat(cluster.setting("max_wal_size")).isNotEqualTo("64");
      holder.rollback();

      growAgain(cluster);
      Books.assertBalanced(cluster, 2);
      assertThat(
              cluster.logCount(
                  "WARNING:  pg_walrus: failed to log history: canceling statement due to lock"
                      + " timeout"))
          .isEqualTo(1);
      assertThat(warnings(cluster)).isEqualTo(1);
      assertThat(cluster.workerPid()).isEqualTo(worker);
      assertThat(holder.isValid(5)).isTrue();
    }
  }

  @Test
  void aFullDiskUnderTheTableDelaysTheRowAndNotTheSize() {
    RamDisk.assumePossible();
    try (TestCluster cluster = smallCluster()) {
      Path location = cluster.directory().resolve("tablespace");
      RamDisk disk = cluster.onRamDisk(location, 4);
      cluster.startWithBaseline();
      cluster.execute("CREATE TABLESPACE small LOCATION '" + location + "'");
      cluster.execute("ALTER TABLE walrus.history SET TABLESPACE small");
      disk.fill();

      cluster.loadUntilChanged(1);
      cluster.awaitState("history_pending", "1", TestCluster.SOON);
      assertThat(cluster.log())
          .containsPattern(
              "WARNING:  pg_walrus: failed to log history: could not extend file .*: No space left"
                  + " on device");
      disk.empty();

      growAgain(cluster);
      Books.assertBalanced(cluster, 2);
      assertThat(warnings(cluster)).isEqualTo(1);
    }
  }

  @Test
  void aTableThatIsTakenFromTheExtensionAndDroppedCostsOneWarning() {
    try (TestCluster cluster = smallCluster().startWithBaseline()) {
      cluster.execute("ALTER EXTENSION pg_walrus DROP TABLE walrus.history");
      cluster.execute("ALTER EXTENSION pg_walrus DROP SEQUENCE walrus.history_id_seq");
      cluster.execute("DROP TABLE walrus.history");

      cluster.loadUntilChanged(1);
      growAgain(cluster);

      cluster.awaitState("history_pending", "2", TestCluster.SOON);
      assertThat(cluster.setting("max_wal_size")).isEqualTo("192");
      assertThat(cluster.status("changes_this_hour")).isEqualTo("2");
      assertThat(cluster.logCount(MISSING)).isEqualTo(1);
      assertThat(cluster.log()).contains("HINT:  Run CREATE EXTENSION pg_walrus in database");
    }
  }

  @Test
  void rowsWaitForAnExtensionThatIsMadeAgain() {
    try (TestCluster cluster = smallCluster().startWithBaseline()) {
      cluster.execute("DROP EXTENSION pg_walrus");
      try (var _ = WalLoad.start(cluster, TestCluster.STORM_MB_PER_SECOND)) {
        Wait.until(
            () -> "no change\n" + cluster.log(),
            TestCluster.AN_INTERVAL,
            () -> !cluster.setting("max_wal_size").equals("64"));
      }
      cluster.awaitLog(MISSING, TestCluster.SOON);

      cluster.execute("CREATE EXTENSION pg_walrus");

      cluster.awaitState("history_pending", "0", A_RETRY);
      Books.assertBalanced(cluster, 1);
      assertThat(warnings(cluster)).isEqualTo(1);
      assertThat(cluster.stateNumber("engine_failures")).isZero();
    }
  }

  /** Nobody confirms what the server commits here, and no other session could. */
  @Test
  void aSynchronousStandbyThatIsNotThereHoldsUpNothing() {
    try (TestCluster cluster = smallCluster().startWithBaseline()) {
      cluster.alterSystem("synchronous_standby_names", "nobody").reload();
      Wait.until(
          "nobody is waited for",
          TestCluster.SOON,
          () -> cluster.setting("synchronous_standby_names").equals("nobody"));

      cluster.loadUntilChanged(1);

      Books.assertBalanced(cluster, 1);
      assertThat(cluster.setting("synchronous_commit")).isEqualTo("on");
      assertThat(
              cluster.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))
          .isEqualTo("0");
    }
  }

  /** Both take locks on table and sequence, in different orders. */
  @Test
  void theExtensionCanBeDroppedWhileTheWorkerWritesARow() {
    try (TestCluster cluster = smallCluster().startWithBaseline()) {
      for (int i = 0; i < 20; i++) {
        cluster.execute("CREATE EXTENSION IF NOT EXISTS pg_walrus");
        cluster.execute("SELECT walrus.release(" + (96 + 16 * (i % 2)) + ")");
        cluster.execute("DROP EXTENSION pg_walrus");
      }
      assertThat(cluster.log()).doesNotContain("deadlock");
    }
  }
}
