package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** Space that is given back, and space that is kept. */
@Execution(ExecutionMode.CONCURRENT)
class ShrinkIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);

  private static TestCluster quietServer(String size) {
    return TestCluster.create()
        .set("max_wal_size", size)
        .set("min_wal_size", "32MB")
        .set("walrus.shrink_intervals", "1")
        .set("walrus.shrink_factor", "0.5")
        .set("walrus.cooldown_sec", "0");
  }

  @Test
  void shrinksFromTheMomentItMayAndToAFloorOfWholeSegments() {
    try (TestCluster cluster =
        quietServer("256MB")
            .set("walrus.min_size", "100MB")
            .set("walrus.shrink_enable", "off")
            .startWithBaseline()) {
      HistoryTable history = HistoryTable.of(cluster);
      String before = cluster.autoConf();
      cluster.awaitDecisions(1, AN_INTERVAL);
      assertThat(cluster.stateNumber("quiet_intervals")).isEqualTo(1);
      assertThat(cluster.stateNumber("total_decreases")).isZero();
      assertThat(cluster.autoConf()).isEqualTo(before);
      assertThat(history.count("true")).isZero();

      cluster.alterSystem("walrus.shrink_enable", "on").reload();
      cluster.awaitState("total_decreases", "1", AN_INTERVAL);
      cluster.awaitState("current_size_mb", "128", TestCluster.SOON);
      assertThat(cluster.log())
          .contains("LOG:  pg_walrus: shrinking max_wal_size from 256 MB to 128 MB\n");
      assertThat(history.newest("action || ' ' || old_size_mb || ' ' || new_size_mb", "true"))
          .isEqualTo("decrease 256 128");
      assertThat(history.newest("reason", "true")).isEqualTo("Sustained low checkpoint activity");
      assertThat(history.metadataKeys("true"))
          .contains("shrink_factor", "quiet_intervals", "calculated_size_mb", "fpi_share")
          .doesNotContain("delta", "multiplier");
      assertThat(history.metadata("quiet_intervals", "true")).isEqualTo("2");
      assertThat(history.metadata("shrink_factor", "true")).isEqualTo("0.5");
      assertThat(cluster.stateNumber("quiet_intervals")).isZero();

      cluster.awaitState("total_decreases", "2", AN_INTERVAL);
      cluster.awaitState("current_size_mb", "112", TestCluster.SOON);
      assertThat(cluster.log())
          .contains("LOG:  pg_walrus: shrinking max_wal_size from 128 MB to 112 MB\n");
      assertThat(cluster.autoConf()).contains("max_wal_size = '112'");
      history.await("metadata ->> 'effective' = 'true'", 2, TestCluster.SOON);
      assertThat(cluster.value("SELECT walrus.recommendation() ->> 'action'")).isEqualTo("none");
    }
  }

  /** 5 MB/s need half of this; the factor alone would leave a tenth. */
  @Test
  void aSteadyLoadKeepsTheSizeThatItsRateNeeds() {
    try (TestCluster cluster =
        quietServer("1GB")
            .set("walrus.min_size", "32MB")
            .set("walrus.shrink_factor", "0.1")
            .set("walrus.shrink_intervals", "3")
            .startWithBaseline()) {
      try (WalLoad _ = WalLoad.start(cluster, 5)) {
        cluster.awaitState("total_decreases", "1", AN_INTERVAL.multipliedBy(3));
        cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
        long floor = cluster.stateNumber("recommended_floor_mb");
        assertThat(floor).isBetween(300L, 600L);
        assertThat(cluster.setting("max_wal_size")).isEqualTo(String.valueOf(floor));

        cluster.awaitDecisions(4, AN_INTERVAL);
      }
      assertThat(cluster.stateNumber("last_forced_checkpoints")).isZero();
      assertThat(cluster.stateNumber("last_wal_mb")).isGreaterThan(100);
      assertThat(cluster.stateNumber("total_adjustments")).isEqualTo(1);
    }
  }
}
