package org.pgwalrus.snapshot;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.files.Manifest;

/** What COPY reads back from the files of a snapshot is what was in the database. */
class SnapshotContentIT {

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().set("max_locks_per_transaction", "256").start();
    snapshots = Snapshots.of(cluster);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void everyAwkwardRowIsInTheFiles() {
    AwkwardDatabase.create(cluster, "awkward");
    assertComesBack("awkward");
  }

  @Test
  void tablesThatPointAtEachOtherAreInTheFiles() {
    AwkwardDatabase.createCyclic(cluster, "cyclic");
    assertComesBack("cyclic");
  }

  @Test
  void aPgbenchDatabaseIsInTheFiles() {
    AwkwardDatabase.createPgbench(cluster, "pgbench", 5);
    assertComesBack("pgbench");
  }

  private static void assertComesBack(String name) {
    Manifest manifest = snapshots.generate(name, name, ", 'none', 3");
    String copy = name + "_copy";
    cluster.execute("CREATE DATABASE " + copy);
    Databases.copySchema(cluster, name, copy);
    load(copy, snapshots.path(name), manifest);
    assertThat(DatabaseImage.of(cluster, copy)).isEqualTo(DatabaseImage.of(cluster, name));
  }

  /** As the server does it by itself, with nothing of ours but the manifest. */
  private static void load(String database, String directory, Manifest manifest) {
    try (Connection connection = Databases.connect(cluster, database);
        Statement statement = connection.createStatement()) {
      statement.execute("SET session_replication_role = replica");
      for (Manifest.Table table : manifest.tables()) {
        for (Manifest.Part part : table.parts()) {
          statement.execute(
              "COPY %s%s FROM %s (FORMAT csv, HEADER)"
                  .formatted(
                      Sql.name(table.schema(), table.name()),
                      table.columns().stream()
                          .map(Sql::identifier)
                          .collect(joining(", ", " (", ")"))
                          .replace(" ()", ""),
                      Sql.literal(directory + "/" + part.stored().file())));
        }
      }
      for (Manifest.Sequence sequence : manifest.sequences()) {
        statement.execute(
            "SELECT setval(%s, %d, %b)"
                .formatted(
                    Sql.literal(Sql.name(sequence.schema(), sequence.name())),
                    sequence.value(),
                    sequence.isCalled()));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd", "lz4"})
  void theUsualProgramsReadTheFiles(String codec) {
    String name = "read_by_" + codec;
    cluster.execute("CREATE DATABASE " + name);
    Databases.execute(
        cluster,
        name,
        "CREATE EXTENSION steep_repl; CREATE TABLE t AS SELECT i, md5(i::text) AS m"
            + " FROM generate_series(1, 100000) AS i");
    Manifest manifest = snapshots.generate(name, name, ", '" + codec + "'");
    snapshots.generate(name, name + "_raw", "");
    String file = snapshots.path(name) + "/data/public.t" + manifest.compression().extension();
    String raw = snapshots.path(name + "_raw") + "/data/public.t.csv";
    Programs.assumeInstalled(codec);
    Programs.run(List.of("sh", "-c", "%s -dc < '%s' | cmp - '%s'".formatted(codec, file, raw)));
  }
}
