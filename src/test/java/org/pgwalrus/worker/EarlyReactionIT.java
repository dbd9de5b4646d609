package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;

/** Decisions that do not wait for the end of the interval. */
@Execution(ExecutionMode.CONCURRENT)
class EarlyReactionIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);

  @Test
  void aStormRightAfterADecisionIsEndedBeforeTheNextIsDue() {
    try (TestCluster cluster = Storm.server().startWithBaseline()) {
      cluster.awaitDecisions(1, AN_INTERVAL);
      try (WalLoad _ = Storm.begin(cluster)) {
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
        cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
        long requested = cluster.requestedCheckpoints();

        assertThat(cluster.stateNumber("early_decisions")).isEqualTo(1);
        assertThat(cluster.stateNumber("analysis_cycles")).isEqualTo(2);
        HistoryTable history = HistoryTable.of(cluster);
        assertThat(history.count("true")).isEqualTo(1);
        assertThat(history.metadata("trigger", "action = 'increase'")).isEqualTo("early");
        assertThat(Long.parseLong(history.newest("forced_checkpoints", "true"))).isBetween(2L, 4L);
        assertThat(Double.parseDouble(history.metadata("elapsed_sec", "true"))).isLessThan(30);

        cluster.awaitDecisions(3, AN_INTERVAL);
        // The checkpoint under way at the decision may be counted after it.
        assertThat(cluster.requestedCheckpoints()).isLessThanOrEqualTo(requested + 1);
        assertThat(cluster.stateNumber("last_forced_checkpoints")).isLessThanOrEqualTo(1);
        assertThat(cluster.stateNumber("last_wal_mb")).isGreaterThan(Storm.SIZE_MB);
      }
      assertThat(cluster.stateNumber("total_adjustments")).isEqualTo(1);
      assertThat(cluster.log())
          .containsPattern(
              "resizing max_wal_size from 64 MB to \\d+ MB\n.* DETAIL:  Calculated size: \\d+ MB"
                  + " \\(algorithm multiplicative, early\\), limited by: none\\.");
    }
  }

  @Test
  void withoutEarlyReactionAStormLastsUntilTheIntervalIsOver() {
    try (TestCluster cluster =
        Storm.server().set("walrus.early_reaction", "off").startWithBaseline()) {
      try (WalLoad _ = Storm.begin(cluster)) {
        Wait.until(
            () -> "no storm\n" + cluster.log(),
            AN_INTERVAL,
            () -> cluster.requestedCheckpoints() >= cluster.stateNumber("requested_base") + 4);
        assertThat(cluster.stateNumber("analysis_cycles")).isZero();
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
      }
      assertThat(cluster.stateNumber("early_decisions")).isZero();
      HistoryTable history = HistoryTable.of(cluster);
      assertThat(history.metadata("trigger", "true")).isEqualTo("reactive");
      assertThat(Double.parseDouble(history.metadata("elapsed_sec", "true")))
          .isGreaterThanOrEqualTo(30);
    }
  }

  @Test
  void proactiveSizingGrowsBeforeACheckpointIsForced() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "256MB")
            .set("min_wal_size", "32MB")
            .set("walrus.proactive_sizing", "on")
            .startWithBaseline()) {
      long requested = cluster.requestedCheckpoints();
      try (WalLoad _ = WalLoad.start(cluster, 10)) {
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
        assertThat(cluster.requestedCheckpoints()).isEqualTo(requested);
      }
      HistoryTable history = HistoryTable.of(cluster);
      assertThat(history.metadata("trigger", "action = 'increase'")).isEqualTo("proactive");
      assertThat(history.newest("forced_checkpoints", "true")).isEqualTo("0");
      assertThat(history.newest("reason", "true"))
          .isEqualTo("proactive: projected WAL exceeds trigger distance");
      assertThat(cluster.stateNumber("early_decisions")).isEqualTo(1);
      assertThat(cluster.stateNumber("last_forced_checkpoints")).isZero();
    }
  }
}
