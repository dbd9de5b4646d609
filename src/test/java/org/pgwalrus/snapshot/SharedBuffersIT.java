package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.files.Manifest;

/** A snapshot leaves in shared_buffers what others need there. */
class SharedBuffersIT {

  private static final String AVAILABLE =
      "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_buffercache'";

  /** Blocks of the table; a ring has 32 of them for each stream. */
  private static final String CACHED =
      "SELECT count(*) FROM pg_buffercache WHERE relfilenode = pg_relation_filenode('large')";

  @Test
  void rangesOfALargeTableAreReadThroughARing() {
    try (TestCluster cluster = Snapshots.server().set("shared_buffers", "32MB").start()) {
      assumeTrue("1".equals(cluster.value(AVAILABLE)), "pg_buffercache is not installed");
      Databases.create(
          cluster,
          "source",
          "CREATE EXTENSION pg_buffercache",
          "CREATE TABLE large AS SELECT i, repeat('x', 900) AS filler"
              + " FROM generate_series(1, 160000) AS i",
          "VACUUM large");
      cluster.restart();

      Manifest manifest = Snapshots.of(cluster).generate("source", "large", ", 'none', 2");

      assertThat(Snapshots.find(manifest, "large").parts()).hasSizeGreaterThan(1);
      assertThat(Snapshots.find(manifest, "large").rowCount()).isEqualTo(160000);
      assertThat(Long.parseLong(Databases.value(cluster, "source", CACHED))).isLessThan(500);
    }
  }
}
