package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Books;
import org.pgwalrus.cluster.RamDisk;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** A data directory without a free byte; the WAL has a disk of its own. */
class DiskFullIT {

  @Test
  void theChangeComesAsSoonAsThereIsRoomForIt() throws Exception {
    RamDisk.assumePossible();
    // A checkpoint would have to make a file for each slot there may be.
    try (TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "64MB")
            .set("min_wal_size", "32MB")
            .set("max_replication_slots", "0")) {
      Path wal = cluster.data().resolve("pg_wal");
      Path elsewhere = cluster.directory().resolve("wal");
      Files.move(wal, elsewhere);
      Files.createSymbolicLink(wal, elsewhere);
      RamDisk disk = cluster.onRamDisk(cluster.data(), 96);
      cluster.startWithBaseline();
      long worker = cluster.workerPid();
      disk.fill();
      try (Connection session = cluster.connect();
          var _ = WalLoad.start(cluster, TestCluster.STORM_MB_PER_SECOND)) {
        cluster.awaitState("apply_failures", "1", TestCluster.AN_INTERVAL);
        assertThat(cluster.log())
            .containsPattern(
                "WARNING:  pg_walrus: failed to execute ALTER SYSTEM, will retry next cycle: could"
                    + " not .*\"postgresql\\.auto\\.conf\\.tmp\".*: No space left on device");
        Books.assertBalanced(cluster, 0);
        assertThat(cluster.setting("max_wal_size")).isEqualTo("64");
        assertThat(cluster.logCount("received SIGHUP")).isZero();

        disk.empty();
        cluster.awaitState("total_adjustments", "1", TestCluster.AN_INTERVAL);
        assertThat(session.isValid(5)).isTrue();
      }
      Books.assertBalanced(cluster, 1);
      assertThat(cluster.workerPid()).isEqualTo(worker);
      assertThat(cluster.crashRestarts()).isZero();
      assertThat(cluster.log()).doesNotContain("PANIC");
    }
  }
}
