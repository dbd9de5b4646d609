package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** Real WAL, real forced checkpoints, and what the worker makes of them. */
class GrowthIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);

  @Test
  void growsUnderRealWalPressure() {
    try (TestCluster cluster =
        TestCluster.create().set("max_wal_size", "64MB").set("min_wal_size", "32MB")) {
      cluster.startWithBaseline();
      Wait.until(
          () -> "no growth\n" + cluster.log(),
          AN_INTERVAL,
          () -> {
            cluster.writeWal(40);
            return Integer.parseInt(cluster.setting("max_wal_size")) > 64;
          });

      assertThat(cluster.log()).contains("pg_walrus: detected ");
      assertThat(cluster.stateNumber("total_increases")).isEqualTo(1);
      assertThat(cluster.crashRestarts()).isZero();
    }
  }
}
