package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cli.Program.Result;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.Snapshots;

/** Snapshots from one database into others of the same server, said by URIs. */
class ApplyCommandIT {

  private static final String RELTUPLES = "reltuples FROM pg_class WHERE relname = 'item'";

  private static TestCluster cluster;
  private static String path;

  @BeforeAll
  static void start() {
    // Statistics would else come by themselves.
    cluster = Snapshots.server().set("autovacuum", "off").start();
    path = Snapshots.of(cluster).path("shop");
    // No index: building one counts the rows.
    Databases.create(
        cluster, "shop", "CREATE TABLE item AS SELECT i FROM generate_series(1, 1000) AS i");
    Result result = run("shop", "generate", "-o", path);
    assertThat(result.code()).as("%s", result).isZero();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Result run(String database, String... arguments) {
    List<String> all = new ArrayList<>(List.of("snapshot"));
    all.addAll(List.of(arguments));
    all.add("-c");
    all.add("postgresql://postgres@127.0.0.1:" + cluster.port() + "/" + database);
    return Program.run(all.toArray(String[]::new));
  }

  private static void apply(String database, String... options) {
    Databases.create(cluster, database);
    List<String> all = new ArrayList<>(List.of("apply", "-i", path, "--create-schema"));
    all.addAll(List.of(options));
    Result result = run(database, all.toArray(String[]::new));
    assertThat(result.code()).as("%s", result).isZero();
  }

  private static String value(String database, String expression) {
    return String.valueOf(Databases.value(cluster, database, "SELECT " + expression));
  }

  @Test
  void statisticsAreLeftOutOnRequest() {
    apply("plain", "--no-analyze");
    apply("analyzed");

    for (String database : List.of("plain", "analyzed")) {
      assertThat(value(database, "count(*) || ' ' || sum(i) FROM item")).isEqualTo("1000 500500");
    }
    assertThat(value("plain", RELTUPLES)).isEqualTo("-1");
    assertThat(value("analyzed", RELTUPLES)).isEqualTo("1000");
  }
}
