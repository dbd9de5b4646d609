package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;

/** Real WAL, real forced checkpoints, and what the worker makes of them. */
@Execution(ExecutionMode.CONCURRENT)
class GrowthIT {

  /** An interval of {@code checkpoint_timeout}, and time to notice its end on a busy machine. */
  private static final Duration AN_INTERVAL = Duration.ofSeconds(50);

  @Test
  @Tag("smoke")
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
      cluster.awaitState("total_increases", "1", TestCluster.SOON);
      assertThat(cluster.crashRestarts()).isZero();
    }
  }

  /** At this rate 128 MB last for four and a bit trigger distances; five times that is enough. */
  @Test
  void theNewSizeHoldsAnIntervalOfTheSameLoad() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "128MB")
            .set("min_wal_size", "32MB")
            .set("walrus.early_reaction", "off")) {
      cluster.startWithBaseline();
      try (var _ = WalLoad.start(cluster, 8.9)) {
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
        cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);

        long forced = cluster.stateNumber("last_forced_checkpoints");
        long size = (forced + 1) * 128;
        assertThat(forced).isBetween(2L, 6L);
        assertThat(cluster.setting("max_wal_size")).isEqualTo(String.valueOf(size));
        assertThat(cluster.autoConf().lines())
            .contains("max_wal_size = '" + size + "'")
            .filteredOn(line -> !line.startsWith("#"))
            .hasSize(1);
        assertThat(cluster.logCount("received SIGHUP, reloading configuration files")).isEqualTo(1);
        assertThat(cluster.logCount("pg_walrus: configuration reloaded")).isEqualTo(1);
        assertThat(cluster.log())
            .containsPattern(
                "LOG:  pg_walrus: detected "
                    + forced
                    + " forced checkpoints over 3[0-9] seconds\n.* DETAIL:  Requested checkpoints: "
                    + forced
                    + ", of which "
                    + forced
                    + " count as forced by WAL\\. WAL since the interval began: \\d+ MB in 3\\d s;"
                    + " the server forced a checkpoint every 64 MB\\.\n")
            .contains("LOG:  pg_walrus: resizing max_wal_size from 128 MB to " + size + " MB\n");

        cluster.awaitDecisions(2, AN_INTERVAL);
      }
      assertThat(cluster.stateNumber("last_forced_checkpoints")).isZero();
      assertThat(cluster.stateNumber("last_wal_mb")).isGreaterThan(200);
      assertThat(cluster.stateNumber("total_adjustments")).isEqualTo(1);
      assertThat(cluster.stateNumber("total_increases")).isEqualTo(1);
      assertThat(cluster.stateNumber("total_capped")).isZero();
      assertThat(cluster.stateNumber("self_reloads")).isEqualTo(1);
      assertThat(cluster.state("apply_blocked")).isEmpty();
      assertThat(cluster.state("last_adjustment_time")).isNotEqualTo("null");
      assertThat(cluster.logCount("pg_walrus: resizing max_wal_size")).isEqualTo(1);
    }
  }

  @Test
  void stopsAtTheCeilingInWholeSegmentsAndWarnsOnce() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "64MB")
            .set("min_wal_size", "32MB")
            .set("walrus.max", "200MB")
            .set("walrus.min_size", "64MB")) {
      cluster.startWithBaseline();
      try (var _ = WalLoad.start(cluster, 12)) {
        cluster.awaitDecisions(1, AN_INTERVAL);
        assertThat(cluster.log())
            .containsPattern(
                "WARNING:  pg_walrus: requested max_wal_size of \\d+ MB exceeds maximum of 200 MB;"
                    + " using maximum\n.* DETAIL:  Requested checkpoints: ");

        cluster.awaitDecisions(2, AN_INTERVAL);
      }
      assertThat(cluster.stateNumber("last_forced_checkpoints")).isGreaterThanOrEqualTo(2);
      assertThat(cluster.setting("max_wal_size")).isEqualTo("192");
      assertThat(cluster.autoConf()).contains("max_wal_size = '192'");
      assertThat(cluster.logCount("WARNING:  pg_walrus: ")).as(cluster.log()).isEqualTo(1);
      assertThat(cluster.logCount("pg_walrus: resizing max_wal_size")).isEqualTo(1);
      assertThat(cluster.log())
          .contains("DEBUG:  pg_walrus: max_wal_size already at maximum (192 MB)");
      assertThat(cluster.stateNumber("total_capped")).isEqualTo(1);
      assertThat(cluster.stateNumber("total_adjustments")).isEqualTo(1);
    }
  }

  @Test
  void leavesALargerSizeThanTheCeilingAloneAndSaysSo() throws Exception {
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "256MB")
            .set("min_wal_size", "32MB")
            .set("walrus.max", "64MB")) {
      cluster.startWithBaseline();
      Object before = Files.getLastModifiedTime(cluster.autoConfFile());
      try (var _ = WalLoad.start(cluster, 15)) {
        cluster.awaitDecisions(1, AN_INTERVAL);
      }
      assertThat(cluster.log())
          .contains(
              "LOG:  pg_walrus: max_wal_size (256 MB) is above walrus.max (64 MB) and left alone")
          .doesNotContain("resizing max_wal_size");
      assertThat(cluster.setting("max_wal_size")).isEqualTo("256");
      assertThat(Files.getLastModifiedTime(cluster.autoConfFile())).isEqualTo(before);
      assertThat(cluster.stateNumber("total_adjustments")).isZero();
    }
  }

  /** The interval began under settings that would have let it pass. */
  @Test
  void aDecisionUsesTheSettingsOfItsMoment() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("min_wal_size", "32MB")
            .set("walrus.threshold", "1000")
            .set("walrus.max", "2MB")) {
      Path included = cluster.data().resolve("included.conf");
      cluster.append(included, "max_wal_size = 64MB\n");
      cluster.set("include", "included.conf");
      cluster.startWithBaseline();
      try (var _ = WalLoad.start(cluster, 8)) {
        Wait.until(
            () -> "no pressure\n" + cluster.log(),
            AN_INTERVAL,
            () -> cluster.requestedCheckpoints() > cluster.stateNumber("requested_base") + 2);
        cluster.alterSystem("walrus.threshold", "2").alterSystem("walrus.max", "100MB").reload();
        assertThat(cluster.stateNumber("analysis_cycles")).isZero();

        cluster.awaitDecisions(1, AN_INTERVAL);
      }
      // The line in an included file is overtaken by what ALTER SYSTEM writes.
      Wait.until(
          () -> "no effect\n" + cluster.log(),
          TestCluster.SOON,
          () -> cluster.setting("max_wal_size").equals("96"));
      cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
      assertThat(cluster.state("apply_blocked")).isEmpty();
      assertThat(
              cluster.logCount(
                  "WARNING:  pg_walrus: walrus.max of 2 MB is below two WAL segments; using 32 MB"))
          .isEqualTo(1);
    }
  }

  @Test
  void anotherAlgorithmGivesAnotherSize() throws Exception {
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "128MB")
            .set("min_wal_size", "32MB")
            .set("walrus.early_reaction", "off")
            .set("walrus.algorithm", "additive")
            .set("walrus.additive_increment_mb", "48")) {
      cluster.startWithBaseline();
      try (var _ = WalLoad.start(cluster, 8.9)) {
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
        cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
      }
      long forced = cluster.stateNumber("last_forced_checkpoints");
      assertThat(forced).isBetween(2L, 6L);
      assertThat(cluster.setting("max_wal_size")).isEqualTo(String.valueOf(128 + forced * 48));
      assertThat(HistoryTable.of(cluster).metadata("algorithm", "true")).isEqualTo("additive");
    }
  }
}
