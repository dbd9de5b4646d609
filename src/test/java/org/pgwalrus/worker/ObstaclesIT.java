package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.Books;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;

/** What keeps a size from taking effect: told once, and no success is claimed meanwhile. */
@Execution(ExecutionMode.CONCURRENT)
class ObstaclesIT {

  private static final Duration RESTART = Duration.ofSeconds(60);
  private static final String GARBAGE = "this is = = no setting\n";

  private static TestCluster smallCluster() {
    return TestCluster.create()
        .set("max_wal_size", "64MB")
        .set("min_wal_size", "32MB")
        .set("walrus.max", "256MB");
  }

  @Test
  void whileTheFileThatWeWriteIsBrokenSizesAreOnlyRecommended() throws Exception {
    try (TestCluster cluster = smallCluster().startWithBaseline()) {
      String whole = cluster.autoConf();
      cluster.append(cluster.autoConfFile(), GARBAGE);
      try (var _ = WalLoad.start(cluster, TestCluster.STORM_MB_PER_SECOND)) {
        cluster.awaitState("apply_blocked", "postgresql.auto.conf", TestCluster.AN_INTERVAL);
        cluster.awaitState("total_dry_run", "1", TestCluster.AN_INTERVAL);
        assertThat(cluster.history()).containsExactly("dry_run 64 256");
        assertThat(cluster.status("apply_blocked")).isEqualTo("postgresql.auto.conf");
        assertThat(cluster.stateNumber("total_adjustments")).isZero();
        assertThat(cluster.autoConf()).isEqualTo(whole + GARBAGE);

        Files.writeString(cluster.autoConfFile(), whole);
        cluster.awaitState("total_adjustments", "1", TestCluster.AN_INTERVAL);
      }
      assertThat(cluster.status("apply_blocked")).isEqualTo("null");
      Books.assertBalanced(cluster, 1);
      assertThat(
              cluster.logCount(
                  "WARNING:  pg_walrus: failed to execute ALTER SYSTEM, will retry next cycle: could"
                      + " not parse contents of file \"postgresql.auto.conf\""))
          .isEqualTo(1);
    }
  }

  /** ALTER SYSTEM succeeds, and no reload does. */
  @Test
  void whileAnotherFileIsBrokenTheSizeIsNotCalledEffective() throws Exception {
    try (TestCluster cluster = smallCluster().startWithBaseline()) {
      Path file = cluster.data().resolve("postgresql.conf");
      String whole = Files.readString(file);
      cluster.append(file, GARBAGE);
      try (var _ = WalLoad.start(cluster, TestCluster.STORM_MB_PER_SECOND)) {
        cluster.awaitLog(
            "WARNING:  pg_walrus: max_wal_size change to 256 MB is not effective",
            TestCluster.AN_INTERVAL);
        cluster.awaitState("total_dry_run", "1", TestCluster.AN_INTERVAL);
      }
      assertThat(cluster.setting("max_wal_size")).isEqualTo("64");
      assertThat(cluster.status("apply_blocked")).contains("postgresql.conf");
      assertThat(effective(cluster)).isEqualTo("false");

      Files.writeString(file, whole);
      cluster.reload();
      cluster.awaitState("apply_blocked", "", TestCluster.SOON);
      Books.assertBalanced(cluster, 1);
      assertThat(cluster.logCount("is not effective")).isEqualTo(1);
      assertThat(cluster.stateNumber("self_reloads")).isEqualTo(1);
    }
  }

  @Test
  void aReleaseThatTakesEffectLaterIsRecordedOnce() throws Exception {
    try (TestCluster cluster = smallCluster().startWithBaseline()) {
      Path file = cluster.data().resolve("postgresql.conf");
      String whole = Files.readString(file);
      cluster.append(file, GARBAGE);
      cluster.execute("SELECT walrus.release(256)");
      cluster.awaitLog("is not effective", TestCluster.SOON);
      Wait.until(
          () -> "not recorded\n" + cluster.log(),
          TestCluster.SOON,
          () -> cluster.changes().equals(List.of("increase 64 256")));
      assertThat(effective(cluster)).isEqualTo("false");

      Files.writeString(file, whole);
      cluster.reload();
      cluster.awaitState("apply_blocked", "", TestCluster.SOON);
      Books.assertSameSizes(cluster);
      assertThat(cluster.changes()).hasSize(1);
    }
  }

  private static String effective(TestCluster cluster) {
    return String.valueOf(
        cluster.value(
            "SELECT metadata ->> 'effective' FROM walrus.history"
                + " WHERE metadata ? 'effective' ORDER BY id DESC LIMIT 1"));
  }

  @Test
  void theNextWorkerKnowsOfTheObstacle() {
    try (TestCluster cluster = smallCluster().start("-c", "max_wal_size=128MB")) {
      cluster.execute("CREATE EXTENSION pg_walrus");
      cluster.awaitBaseline();
      try (var _ = WalLoad.start(cluster, TestCluster.STORM_MB_PER_SECOND)) {
        cluster.awaitState("apply_blocked", "command line", TestCluster.AN_INTERVAL);
        long worker = cluster.workerPid();
        cluster.execute("SELECT pg_terminate_backend(" + worker + ")");
        cluster.awaitWorker(worker, RESTART);
        cluster.awaitState("total_dry_run", "1", TestCluster.AN_INTERVAL);
      }
      assertThat(cluster.status("apply_blocked")).isEqualTo("command line");
      assertThat(cluster.stateNumber("self_reloads")).isEqualTo(1);
      assertThat(cluster.logCount("is not effective")).isEqualTo(1);
      cluster.execute("SELECT walrus.reset()");
      cluster.awaitBaseline();
      assertThat(cluster.status("apply_blocked")).isEqualTo("command line");
    }
  }

  @Test
  void noRoleAndNoDatabaseHasASizeOfItsOwn() {
    try (TestCluster cluster = smallCluster().startWithBaseline()) {
      for (String whose : new String[] {"ROLE postgres", "ROLE ALL", "DATABASE postgres"}) {
        assertThat(cluster.error("ALTER " + whose + " SET max_wal_size = '1GB'").toString())
            .contains("parameter \"max_wal_size\" cannot be changed now");
      }
      assertThat(cluster.error("SET max_wal_size = '1GB'").getSQLState()).isEqualTo("55P02");
    }
  }
}
