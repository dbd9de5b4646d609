package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** What Java reads in the server's memory, against what SQL says. */
@Execution(ExecutionMode.CONCURRENT)
class ReadingIT {

  private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);

  /** Several checkpoints of each kind, so that no two counters agree by chance. */
  @Test
  void theRequestedCounterIsThatOfTheView() {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      for (int i = 0; i < 7; i++) {
        cluster.execute("CHECKPOINT");
      }
      Wait.until(
          () -> "not counted: " + cluster.requestedCheckpoints(),
          FIVE_SECONDS,
          () -> cluster.requestedCheckpoints() >= 7);
      rebaseline(cluster);
      long requested = cluster.requestedCheckpoints();
      assertThat(cluster.stateNumber("requested_base")).isEqualTo(requested);
      assertThat(cluster.log()).contains("established baseline checkpoint count: " + requested);

      cluster.execute(
          "SELECT pg_stat_reset_shared('"
              + (Installation.get().major() >= 17 ? "checkpointer" : "bgwriter")
              + "')");
      cluster.awaitLog("DETAIL:  Cause: STATISTICS_RESET.", FIVE_SECONDS);
      cluster.awaitState("requested_base", "0", FIVE_SECONDS);
      assertThat(cluster.requestedCheckpoints()).isZero();
    }
  }

  @Test
  void theTimedCounterIsThatOfTheView() {
    String view =
        Installation.get().major() >= 17
            ? "SELECT num_timed FROM pg_stat_checkpointer"
            : "SELECT checkpoints_timed FROM pg_stat_bgwriter";
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      cluster.writeWal(1);
      Wait.until("a timed checkpoint", AN_INTERVAL, () -> !"0".equals(cluster.value(view)));

      cluster.awaitState("timed_checkpoints", String.valueOf(cluster.value(view)), FIVE_SECONDS);
      assertThat(cluster.stateNumber("requested_checkpoints"))
          .isEqualTo(cluster.requestedCheckpoints());
    }
  }

  private static void rebaseline(TestCluster cluster) {
    cluster.alterSystem("walrus.enable", "off").reload();
    cluster.awaitState("baseline_valid", "false", FIVE_SECONDS);
    cluster.alterSystem("walrus.enable", "on").reload();
    cluster.awaitBaseline();
  }

  @Test
  void sizeAndTriggerDistanceFollowAReload() {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      assertThat(cluster.state("current_size_mb")).isEqualTo(cluster.setting("max_wal_size"));
      assertThat(cluster.state("trigger_distance_mb")).isEqualTo("528");

      cluster
          .alterSystem("max_wal_size", "2GB")
          .alterSystem("checkpoint_completion_target", "0.5")
          .reload();

      cluster.awaitState("current_size_mb", "2048", FIVE_SECONDS);
      assertThat(cluster.setting("max_wal_size")).isEqualTo("2048");
      assertThat(cluster.state("trigger_distance_mb")).isEqualTo("1360");
    }
  }

  @Test
  void theSegmentSizeIsThatOfTheCluster() {
    try (TestCluster cluster = TestCluster.create()) {
      List<String> command =
          new ArrayList<>(Installation.get().command("pg_resetwal", "--wal-segsize=64"));
      command.addAll(List.of("-D", cluster.data().toString()));
      Programs.run(command);
      cluster.set("max_wal_size", "1GB").set("min_wal_size", "128MB").startWithBaseline();

      assertThat(cluster.state("trigger_distance_mb")).isEqualTo("512");
    }
  }

  @Test
  void aLongerTimeoutMovesTheRunningDeadline() {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      cluster.alterSystem("checkpoint_timeout", "1min").reload();
      Wait.sleep(Duration.ofSeconds(35));
      assertThat(cluster.stateNumber("analysis_cycles")).isZero();

      cluster.awaitDecisions(1, Duration.ofSeconds(45));
      assertThat(cluster.log())
          .containsPattern("quiet interval, 1 in a row\n.* DETAIL: .* MB in 6[0-9] s;");
    }
  }
}
