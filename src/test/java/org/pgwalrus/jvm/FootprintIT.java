package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;

/** Guards against regressions, generous enough for a slow machine; the best of a few starts. */
@Isolated
class FootprintIT {

  private static final int STARTS = 3;
  private static final long PRIVATE_DIRTY_KB = 15 * 1024;
  private static final Duration FIRST_DECISION = Duration.ofMillis(500);

  @Test
  void theFirstDecisionIsQuickAndCheap() {
    // Pages of the cache that are still to be written count as the worker's own.
    Programs.run(List.of("sync"));
    Duration decision = Duration.ofDays(1);
    long privateDirty = Long.MAX_VALUE;
    for (int i = 0; i < STARTS; i++) {
      try (FaultCluster faults =
          FaultCluster.installed().set("walrus.sample_interval_sec", "300").startReady()) {
        TestCluster cluster = faults.cluster();
        long pid = cluster.workerPid();
        privateDirty = Math.min(privateDirty, Memory.privateDirtyKb(pid));
        Duration took = toFirstDecision(cluster);
        decision = took.compareTo(decision) < 0 ? took : decision;
        assertThat(Path.of("/tmp/hsperfdata_postgres/" + pid)).doesNotExist();
      }
    }
    System.out.println(
        "first decision after "
            + decision.toMillis()
            + " ms, private dirty "
            + privateDirty
            + " kB");

    assertThat(decision).isLessThan(FIRST_DECISION);
    assertThat(privateDirty).isLessThan(PRIVATE_DIRTY_KB);
  }

  private static Duration toFirstDecision(TestCluster cluster) {
    String millis =
        "SELECT extract(epoch FROM (s ->> 'last_check_time')::timestamptz"
            + " - (s ->> 'worker_start')::timestamptz) * 1000 FROM walrus.shmem_status() AS s";
    return Duration.ofNanos(
        (long) (Double.parseDouble(String.valueOf(cluster.value(millis))) * 1_000_000));
  }
}
