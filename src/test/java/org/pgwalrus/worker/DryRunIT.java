package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Listener;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** Decisions that are only told. */
@Execution(ExecutionMode.CONCURRENT)
class DryRunIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);

  private static final String TOLD =
      "LOG:  pg_walrus \\[DRY-RUN\\]: would change max_wal_size from 64 MB to \\d+ MB"
          + " \\(threshold exceeded\\)\n.* DETAIL:  ";

  /** The usual cooldown: what the dry run would have changed must not hold up what comes after. */
  @Test
  void changesNothingAndSwitchedOffItLetsTheNextDecisionChange() throws Exception {
    try (TestCluster cluster = Storm.server().set("walrus.dry_run", "on").startWithBaseline();
        Listener listener = Listener.on(cluster, "walrus_events")) {
      Object before = Files.getLastModifiedTime(cluster.autoConfFile());
      try (WalLoad _ = Storm.begin(cluster)) {
        HistoryTable history = HistoryTable.of(cluster);
        history.await("action = 'dry_run'", 1, AN_INTERVAL);
        cluster.awaitState("total_dry_run", "1", TestCluster.SOON);

        assertThat(cluster.log())
            .containsPattern(TOLD)
            .doesNotContain("received SIGHUP")
            .doesNotContain("pg_walrus: resizing");
        assertThat(Files.getLastModifiedTime(cluster.autoConfFile())).isEqualTo(before);
        assertThat(cluster.setting("max_wal_size")).isEqualTo("64");
        assertThat(history.metadata("would_apply", "true")).isEqualTo("increase");
        assertThat(history.metadata("dry_run", "true")).isEqualTo("true");
        assertThat(history.newest("reason", "true")).isEqualTo("threshold exceeded");
        assertThat(history.metadataKeys("true"))
            .contains("delta", "multiplier", "calculated_size_mb", "trigger")
            .doesNotContain("effective");
        assertThat(Long.parseLong(history.newest("new_size_mb", "true"))).isGreaterThan(64);
        assertThat(cluster.stateNumber("total_adjustments")).isZero();
        assertThat(cluster.state("last_adjustment_time")).isEqualTo("null");
        JsonText status = JsonText.query(cluster, "SELECT walrus.status()");
        assertThat(status.get("cooldown_active")).isEqualTo("true");
        assertThat(status.get("changes_this_hour")).isEqualTo("1");
        assertThat(listener.payloads()).isEmpty();

        cluster.alterSystem("walrus.dry_run", "off").reload();
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
        assertThat(history.count("action = 'increase'")).isEqualTo(1);
        assertThat(history.count("action = 'skipped'")).isZero();
      }
      listener.await("adjustment", TestCluster.SOON);
    }
  }

  @Test
  void adviseModeTellsAndOnRequestAnnouncesWhatItWouldDo() throws Exception {
    try (TestCluster cluster =
            Storm.server()
                .set("walrus.apply_mode", "advise")
                .set("walrus.notify_dry_run", "on")
                .startWithBaseline();
        Listener listener = Listener.on(cluster, "walrus_events")) {
      Object before = Files.getLastModifiedTime(cluster.autoConfFile());
      try (WalLoad _ = Storm.begin(cluster)) {
        JsonText event = JsonText.of(cluster, listener.await("dry_run", AN_INTERVAL));
        HistoryTable history = HistoryTable.of(cluster);
        assertThat(event.get("action")).isEqualTo("dry_run");
        assertThat(event.get("id")).isEqualTo(history.newest("id", "action = 'dry_run'"));
        assertThat(history.metadata("advised", "action = 'dry_run'")).isEqualTo("true");
        assertThat(event.get("new_size_mb")).isEqualTo(history.newest("new_size_mb", "true"));
      }
      assertThat(cluster.log()).containsPattern(TOLD).doesNotContain("received SIGHUP");
      assertThat(Files.getLastModifiedTime(cluster.autoConfFile())).isEqualTo(before);
      assertThat(JsonText.query(cluster, "SELECT walrus.status()").get("apply_mode"))
          .isEqualTo("advise");
      assertThat(JsonText.query(cluster, "SELECT walrus.recommendation()").get("dry_run"))
          .isEqualTo("true");
      assertThat(cluster.stateNumber("total_adjustments")).isZero();
    }
  }

  @Test
  void namesTheCeilingThatItWouldStopAt() {
    try (TestCluster cluster =
        Storm.server().set("walrus.dry_run", "on").set("walrus.max", "100MB").startWithBaseline()) {
      HistoryTable history = HistoryTable.of(cluster);
      try (WalLoad _ = Storm.begin(cluster)) {
        history.await("action = 'dry_run'", 1, AN_INTERVAL);
      }
      assertThat(cluster.log())
          .contains("would change max_wal_size from 64 MB to 96 MB (capped at walrus.max)\n");
      assertThat(history.metadata("would_apply", "true")).isEqualTo("capped");
      assertThat(history.metadata("walrus_max_mb", "true")).isEqualTo("100");
      assertThat(history.newest("reason", "true")).isEqualTo("capped at walrus.max");
    }
  }

  @Test
  void namesTheRateThatItWouldGrowFor() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "256MB")
            .set("min_wal_size", "32MB")
            .set("walrus.dry_run", "on")
            .set("walrus.proactive_sizing", "on")
            .startWithBaseline()) {
      try (WalLoad _ = WalLoad.start(cluster, 10)) {
        cluster.awaitLog(" MB (projected WAL rate)\n", AN_INTERVAL);
      }
      assertThat(cluster.stateNumber("total_adjustments")).isZero();
    }
  }

  @Test
  void aQuietServerIsToldWhatItWouldGiveBack() {
    try (TestCluster cluster =
        TestCluster.create()
            .set("walrus.dry_run", "on")
            .set("walrus.shrink_intervals", "1")
            .set("walrus.min_size", "100MB")
            .startWithBaseline()) {
      cluster.awaitDecisions(1, AN_INTERVAL);
      assertThat(cluster.log())
          .contains("would change max_wal_size from 1024 MB to 768 MB (sustained low activity)\n");
      HistoryTable history = HistoryTable.of(cluster);
      assertThat(history.metadata("would_apply", "true")).isEqualTo("decrease");
      assertThat(history.metadataKeys("true")).contains("shrink_factor", "quiet_intervals");
      assertThat(cluster.setting("max_wal_size")).isEqualTo("1024");
      // Told once: the intervals are counted anew.
      assertThat(cluster.stateNumber("quiet_intervals")).isZero();
    }
  }
}
