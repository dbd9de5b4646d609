package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.Books;
import org.pgwalrus.cluster.TestCluster;

/** The smallest and the largest size that may be written, whatever the settings say. */
@Execution(ExecutionMode.CONCURRENT)
class SizeBoundsIT {

  /** With less than two segments the server would not start again. */
  @Test
  void noSizeIsWrittenWithWhichTheServerCouldNotStart() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "128MB")
            .set("min_wal_size", "32MB")
            .set("walrus.max", "2MB")
            .set("walrus.min_size", "2MB")
            .set("walrus.shrink_intervals", "1")
            .set("walrus.shrink_factor", "0.01")) {
      cluster.startWithBaseline();
      cluster.awaitState("total_decreases", "1", TestCluster.AN_INTERVAL);
      cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
      assertThat(cluster.changes()).containsExactly("decrease 128 32");
      Books.assertBalanced(cluster, 1);

      cluster.restart();
      assertThat(cluster.setting("max_wal_size")).isEqualTo("32");
    }
  }

  @Test
  void theRecoveryTargetLimitsGrowth() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "64MB")
            .set("min_wal_size", "32MB")
            .set("walrus.recovery_target_sec", "10")
            .set("walrus.replay_rate_mb_sec", "17")) {
      cluster.startWithBaseline();
      cluster.loadUntilChanged(1);

      assertThat(cluster.setting("max_wal_size")).isEqualTo("160");
      assertThat(cluster.status("recovery_cap_mb")).isEqualTo("170");
      assertThat(cluster.status("limiting_factor")).isEqualTo("recovery_target");
      assertThat(cluster.log()).contains("exceeds what walrus.recovery_target_sec allows, 160 MB");
      Books.assertBalanced(cluster, 1);
    }
  }
}
