package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Books;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;

/** Counters that begin anew in the middle of an interval. */
class StatisticsResetIT {

  @Test
  void whatWasCountedBeforeIsNeitherPressureNorQuiet() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "64MB")
            .set("min_wal_size", "32MB")
            .set("walrus.early_reaction", "off")) {
      cluster.startWithBaseline();
      try (var _ = WalLoad.start(cluster, TestCluster.STORM_MB_PER_SECOND)) {
        Wait.until(
            () -> "no pressure\n" + cluster.log(),
            TestCluster.SOON,
            () -> cluster.requestedCheckpoints() > cluster.stateNumber("requested_base") + 2);
        cluster.execute(
            "SELECT pg_stat_reset_shared('"
                + (Installation.get().major() >= 17 ? "checkpointer" : "bgwriter")
                + "')");
        cluster.awaitLog("DETAIL:  Cause: STATISTICS_RESET.", TestCluster.SOON);
        assertThat(cluster.stateNumber("analysis_cycles")).isZero();
        assertThat(cluster.stateNumber("quiet_intervals")).isZero();

        cluster.awaitState("total_adjustments", "1", TestCluster.AN_INTERVAL);
      }
      cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
      Books.assertBalanced(cluster, 1);
      assertThat(
              cluster.value(
                  "SELECT (metadata ->> 'requested_delta')::bigint <="
                      + " (metadata ->> 'requested_total')::bigint FROM walrus.history"))
          .isEqualTo("t");
      assertThat(cluster.logCount("Cause: STATISTICS_RESET.")).isEqualTo(1);
    }
  }
}
