package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.files.Manifest;

/** Snapshots on a server that has hardly a worker to spare. */
class ScarceWorkersIT {

  /** The workers of pg_walrus, steep_repl's launcher, that of subscriptions, and the job. */
  private static final int OTHERS = 4;

  private static TestCluster start(int copiers) {
    TestCluster cluster =
        Snapshots.server()
            .set("wal_level", "replica")
            .set("max_worker_processes", String.valueOf(OTHERS + copiers))
            .start();
    Databases.create(
        cluster,
        "source",
        "CREATE TABLE a AS SELECT generate_series(1, 100) AS i",
        "CREATE TABLE b AS SELECT generate_series(1, 100) AS i");
    return cluster;
  }

  /** One worker holds the tables, the next is pg_dump's until the schema is written. */
  @ParameterizedTest
  @CsvSource({"2, true", "3, false"})
  void theWorkerOfTheSchemaCopiesRowsAfterwards(int copiers, boolean warns) {
    try (TestCluster cluster = start(copiers)) {
      Snapshots snapshots = Snapshots.of(cluster);

      Manifest manifest = snapshots.generate("source", "scarce", ", 'none', 2");

      assertThat(snapshots.lines("scarce", manifest, "b"))
          .isEqualTo(IntStream.rangeClosed(1, 100).mapToObj(String::valueOf).sorted().toList());
      String warning = "WARNING:  steep_repl: job 1: only 1 of 2 streams";
      assertThat(cluster.log().contains(warning)).isEqualTo(warns);
    }
  }

  @Test
  void aSnapshotThatCannotBeTakenIsRefused() {
    try (TestCluster cluster = start(1)) {
      Snapshots snapshots = Snapshots.of(cluster);

      String id = snapshots.start("source", snapshots.path("none"), ", 'none', 2");
      snapshots.await("source", id, "failed");

      assertThat(snapshots.of("source", id, "error_message"))
          .contains("no worker to spare (SQLSTATE 53400)")
          .contains("Raise max_worker_processes");
      Wait.until(
          "directory is there",
          Snapshots.SOON,
          () -> Snapshots.files(snapshots.path("none")).isEmpty());
    }
  }
}
