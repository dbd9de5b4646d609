package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** A promoted standby, which has replicated the history but not the size of the old primary. */
@Execution(ExecutionMode.CONCURRENT)
class WarmStartIT {

  private static final String IN_FORCE = "MB, which was in force before the promotion";

  /** The least rate that a sample can see of the load, 2 MB/s, asks for more than this maximum. */
  private static TestCluster primary() {
    return TestCluster.create()
        .set("max_wal_size", "64MB")
        .set("min_wal_size", "32MB")
        .set("walrus.max", "112MB")
        .startWithBaseline();
  }

  /** Starts a standby of a primary before that grows, and returns when it has the history. */
  private static void growUnder(TestCluster primary, TestCluster standby) {
    standby.start();
    primary.loadUntilChanged(1);
    assertThat(primary.changes()).containsExactly("capped 64 112");
    awaitReplicated(primary, standby);
    assertThat(standby.setting("max_wal_size")).isEqualTo("64");
  }

  private static void awaitReplicated(TestCluster primary, TestCluster standby) {
    List<String> history = primary.history();
    Wait.until(
        () -> "not replicated: " + history + "\n" + standby.log(),
        TestCluster.AN_INTERVAL,
        () -> standby.history().equals(history));
  }

  @Test
  void takesOverTheSizeThatItMayHaveAndOnlyOnce() {
    try (TestCluster primary = primary();
        TestCluster standby = TestCluster.standbyOf(primary)) {
      standby.set("walrus.max", "100MB");
      growUnder(primary, standby);

      standby.promote();

      standby.awaitState("total_adjustments", "1", TestCluster.SOON);
      standby.awaitState("pending_size_mb", "0", TestCluster.SOON);
      assertThat(standby.setting("max_wal_size")).isEqualTo("96");
      assertThat(standby.changes()).containsExactly("capped 64 112", "increase 64 96");
      assertThat(
              standby.column(
                  "SELECT concat_ws(' ', new_size_mb, metadata ->> 'wanted_size_mb',"
                      + " metadata ->> 'effective')"
                      + " FROM walrus.history WHERE metadata ->> 'source' = 'warm_start'"))
          .containsExactly("96 112 true");

      standby.restart();
      standby.awaitBaseline();
      assertThat(standby.setting("max_wal_size")).isEqualTo("96");
      assertThat(standby.changes()).hasSize(2);
      assertThat(standby.logCount(IN_FORCE)).isEqualTo(1);
      assertThat(primary.setting("max_wal_size")).isEqualTo("112");
    }
  }

  @Test
  void onlyTellsOfItWhereSizesAreOnlyRecommended() {
    try (TestCluster primary = primary();
        TestCluster standby = TestCluster.standbyOf(primary)) {
      standby.set("walrus.apply_mode", "advise");
      growUnder(primary, standby);
      Object before = standby.autoConf();

      standby.promote();

      standby.awaitLog(
          "LOG:  pg_walrus [DRY-RUN]: would change max_wal_size from 64 MB to 112 " + IN_FORCE,
          TestCluster.SOON);
      standby.awaitBaseline();
      assertThat(standby.setting("max_wal_size")).isEqualTo("64");
      assertThat(standby.autoConf()).isEqualTo(before);
      assertThat(standby.changes()).containsExactly("capped 64 112");
    }
  }

  @Test
  void aSizeThatWasHandedBackIsNotTakenOver() {
    try (TestCluster primary = primary();
        TestCluster standby = TestCluster.standbyOf(primary)) {
      growUnder(primary, standby);
      primary.execute("SELECT walrus.release()");
      Wait.until(
          () -> "not recorded\n" + primary.log(),
          TestCluster.SOON,
          () -> primary.changes().contains("decrease 112 64"));
      awaitReplicated(primary, standby);

      standby.promote();

      standby.awaitBaseline();
      assertThat(standby.setting("max_wal_size")).isEqualTo("64");
      assertThat(standby.changes()).containsExactly("capped 64 112", "decrease 112 64");
      assertThat(standby.log()).doesNotContain(IN_FORCE);
    }
  }
}
