package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** A standby cannot use a worker, and a promoted one has one at once. */
class StandbyIT {

  private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

  @Test
  @Tag("smoke")
  void theWorkerStartsWithThePromotionAndOnlyTakesABaseline() {
    try (TestCluster primary = TestCluster.create().startWithBaseline();
        TestCluster standby = TestCluster.standbyOf(primary)) {
      standby.start();
      Wait.sleep(Duration.ofSeconds(3));
      assertThat(standby.value("SELECT pg_is_in_recovery()")).isEqualTo("t");
      assertThat(standby.workerPid()).isZero();
      assertThat(standby.stateNumber("worker_pid")).isZero();
      assertThat(standby.state("engine")).isEqualTo("off");
      assertThat(standby.log()).doesNotContain("pg_walrus worker started");
      Object before = standby.autoConf();

      standby.promote();

      standby.awaitWorker(0, FIVE_SECONDS);
      standby.awaitBaseline();
      assertThat(standby.stateNumber("analysis_cycles")).isZero();
      assertThat(standby.stateNumber("total_adjustments")).isZero();
      assertThat(standby.autoConf()).isEqualTo(before);
      assertThat(primary.workerPid()).isNotZero();
    }
  }
}
