package org.pgwalrus.snapshot.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Listener;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.Snapshots;

/** What listeners hear of an application: each of its phases, in their order and once. */
class ApplyPhasesIT {

  private static final String TABLES =
      "CREATE TABLE parent (id integer PRIMARY KEY, name text);"
          + "CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent);"
          + "CREATE INDEX ON parent (name); CREATE SEQUENCE s";

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    Databases.create(
        cluster,
        "source",
        TABLES,
        "INSERT INTO parent SELECT i, 'p' || i FROM generate_series(1, 20000) AS i",
        "INSERT INTO child SELECT i, i FROM generate_series(1, 20000) AS i");
    snapshots.generate("source", "source", ", 'gzip'");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @CsvSource({
    "existing, ', 2', verify schema data constraints sequences finalizing complete",
    "unverified, ', 2, false', schema data constraints sequences finalizing complete",
    "created, ', 2, p_create_schema => true', verify schema data indexes sequences finalizing complete"
  })
  void eachIsToldOnceAndInOrder(String database, String arguments, String phases)
      throws SQLException {
    Databases.create(cluster, database);
    if (!database.equals("created")) {
      Databases.execute(cluster, database, TABLES);
    }
    List<String> heard = new ArrayList<>();
    List<Double> percents = new ArrayList<>();
    try (Listener listener = Listener.on(cluster, database, "steep_repl_progress")) {
      String job = new Applications(cluster).start(database, snapshots.path("source"), arguments);
      Wait.until(
          () -> "heard " + listener.payloads() + "\n" + cluster.log(),
          Snapshots.SOON,
          () -> listener.payloads().stream().anyMatch(text -> text.contains("\"complete\"")));
      for (String payload : listener.payloads()) {
        JsonText message = JsonText.of(cluster, payload);
        assertThat(message.get("work_id")).isEqualTo(job);
        if (heard.isEmpty() || !heard.getLast().equals(message.get("phase"))) {
          heard.add(message.get("phase"));
        }
        percents.add(Double.valueOf(message.get("percent")));
      }
    }
    assertThat(String.join(" ", heard)).isEqualTo(phases);
    assertThat(percents).isSorted().endsWith(100.0);
    assertThat(percents.subList(0, percents.size() - 1)).allMatch(percent -> percent < 100);
  }
}
