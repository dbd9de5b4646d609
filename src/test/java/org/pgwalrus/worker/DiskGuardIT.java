package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.RamDisk;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;

/** A small file system under {@code pg_wal}, and nothing else that limits growth. */
@Execution(ExecutionMode.CONCURRENT)
class DiskGuardIT {

  private static final int SIZE_MB = 512;

  /** 80 % of the disk in whole segments, but for the one that is written next. */
  private static final String CAPPED_MB = "384";

  private static final String WARNING =
      "WARNING:  pg_walrus: requested max_wal_size of \\d+ MB exceeds what the disk of pg_wal"
          + " allows, \\d+ MB";

  @BeforeEach
  void assumeThatDisksCanBeMounted() {
    RamDisk.assumePossible();
  }

  private static TestCluster hugeAmbitions() {
    return TestCluster.create()
        .set("max_wal_size", "64MB")
        .set("min_wal_size", "32MB")
        .set("walrus.max", "100GB")
        .set("walrus.disk_reserve_pct", "20")
        .set("walrus.cooldown_sec", "0");
  }

  /**
   * In an interval the load could fill the disk twice. The table has a row on each page, so that
   * checkpoints take their time, as they may: the WAL of two is then on the disk.
   */
  @Test
  void growthStopsWhereTheReserveBegins() {
    try (TestCluster cluster = hugeAmbitions()) {
      RamDisk disk = cluster.onRamDisk(cluster.data().resolve("pg_wal"), SIZE_MB);
      cluster.startWithBaseline();
      cluster.execute(
          "CREATE TABLE spread WITH (fillfactor = 10) AS"
              + " SELECT n, repeat('x', 500) FROM generate_series(1, 4000) AS n");
      double[] most = {0};
      try (var _ = WalLoad.start(cluster, 40)) {
        cluster.awaitState("total_adjustments", "1", TestCluster.AN_INTERVAL);
        long checkpoints = cluster.requestedCheckpoints();
        Wait.until(
            () -> "no checkpoints at the cap\n" + cluster.log(),
            TestCluster.AN_INTERVAL,
            () -> {
              cluster.execute("UPDATE spread SET n = n + 1");
              most[0] = Math.max(most[0], disk.usedPercent());
              return cluster.requestedCheckpoints() > checkpoints + 3;
            });
      }
      assertThat(cluster.setting("max_wal_size")).isEqualTo(CAPPED_MB);
      assertThat(Integer.parseInt(cluster.status("disk_cap_mb"))).isBetween(384, 394);
      assertThat(cluster.status("limiting_factor")).isEqualTo("disk");
      assertThat(most[0]).isBetween(60.0, 80.0);
      assertThat(cluster.log().lines().filter(line -> line.matches(".*" + WARNING + ".*")))
          .hasSize(1);
      assertThat(cluster.log()).doesNotContain("PANIC").doesNotContain("No space left");
      assertThat(cluster.crashRestarts()).isZero();
    }
  }

  /** Decided at the interval's end, when all has been written. */
  @Test
  void whatASlotRetainsIsTakenOffTheCap() {
    try (TestCluster cluster = hugeAmbitions().set("walrus.early_reaction", "off")) {
      cluster.onRamDisk(cluster.data().resolve("pg_wal"), SIZE_MB);
      cluster.startWithBaseline();
      cluster.execute("SELECT pg_create_physical_replication_slot('reader', true)");
      for (int i = 0; i < 24; i++) {
        cluster.writeWal(10);
      }

      cluster.awaitState("total_adjustments", "1", TestCluster.AN_INTERVAL);
      cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
      int roomMb = Integer.parseInt(cluster.status("disk_cap_mb"));
      assertThat(roomMb).as(cluster.log()).isBetween(190, 224);
      assertThat(cluster.status("limiting_factor")).isEqualTo("disk");
      assertThat(cluster.setting("max_wal_size")).isEqualTo(String.valueOf(roomMb - roomMb % 16));
      assertThat(cluster.log()).doesNotContain("PANIC");
    }
  }
}
