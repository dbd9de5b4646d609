package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.apply.Applications;

/** A database goes through the files of a snapshot to another cluster, and is the same there. */
class SnapshotRoundTripIT {

  private static final String NOT_VALID =
      "SELECT count(*) FROM pg_constraint WHERE NOT convalidated";

  private static final String VIEWS =
      "SELECT string_agg(matviewname, ' ') FROM pg_matviews WHERE NOT ispopulated";

  private static TestCluster cluster;
  private static TestCluster other;
  private static Snapshots snapshots;
  private static Applications applications;

  @BeforeAll
  static void start() {
    cluster = start(TestCluster.create());
    other = start(TestCluster.create());
    snapshots = Snapshots.of(cluster);
    applications = new Applications(other);
    AwkwardDatabase.create(cluster, "awkward");
    AwkwardDatabase.createCyclic(cluster, "cyclic");
  }

  private static TestCluster start(TestCluster created) {
    return created
        .set("walrus.enable", "off")
        .set("wal_level", "logical")
        .set("max_worker_processes", "16")
        .set("max_locks_per_transaction", "256")
        .start();
  }

  @AfterAll
  static void stop() {
    other.close();
    cluster.close();
  }

  private static void create(String database) {
    other.execute("CREATE DATABASE " + database);
    Databases.execute(other, database, "CREATE EXTENSION steep_repl");
  }

  private static void assertEqual(String source, String target) {
    DatabaseImage expected = DatabaseImage.of(cluster, source);
    DatabaseImage actual = DatabaseImage.of(other, target);
    assertThat(actual.tables()).isNotEmpty().isEqualTo(expected.tables());
    assertThat(actual.sequences()).isEqualTo(expected.sequences());
    assertThat(actual.schema()).isEqualTo(expected.schema());
    assertThat(Databases.value(other, target, NOT_VALID)).isEqualTo("0");
    assertThat(Databases.value(other, target, VIEWS)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "lz4", "zstd"})
  void anAwkwardDatabaseIsTheSameElsewhere(String codec) {
    String name = "awkward_" + codec;
    snapshots.generate("awkward", name, ", '" + codec + "', 3");
    create(name);

    applications.apply(name, snapshots.path(name), ", 3, p_create_schema => true");

    assertEqual("awkward", name);
    assertThat(Databases.value(other, name, "SELECT n FROM kept"))
        .isEqualTo(Databases.value(cluster, "awkward", "SELECT n FROM kept"));
  }

  @Test
  void tablesThatPointAtEachOtherAreTheSameElsewhere() {
    snapshots.generate("cyclic", "cyclic", ", 'zstd', 2");
    create("cyclic");

    applications.apply("cyclic", snapshots.path("cyclic"), ", 2, p_create_schema => true");
    assertEqual("cyclic", "cyclic");

    Databases.execute(other, "cyclic", "DELETE FROM project WHERE id % 2 = 0");
    applications.apply("cyclic", snapshots.path("cyclic"), ", 2, p_truncate => true");
    assertEqual("cyclic", "cyclic");
  }
}
