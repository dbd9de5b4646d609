package org.pgwalrus.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;

/**
 * A dump brings back all that steep_repl keeps, however it is made and loaded; it needs no
 * preloaded library. The audit log goes on while it is loaded.
 */
class DumpIT {

  private static final String FROM = "original";
  private static final String TO = "restored";

  /** Three nodes and a state, each of which the log notices when a dump brings it. */
  private static final int LOADED = 4;

  /** Every table but the log, whose rows are compared one by one. */
  private static final String TABLES =
      "SELECT string_agg(oid::regclass::text, ' ' ORDER BY relname) FROM pg_class"
          + " WHERE relnamespace = 'steep_repl'::regnamespace AND relkind = 'r'"
          + " AND relname <> 'audit_log'";

  private static final String LOG =
      "SELECT a::text FROM steep_repl.audit_log AS a WHERE a.action <> 'db.registered' ORDER BY a.id";

  private static TestCluster cluster;

  /** How dumps are made and loaded. */
  enum Way {
    ARCHIVE(List.of("-Fc"), List.of("-e")),
    ROW_SECURITY(List.of("-Fc", "--enable-row-security"), List.of("-e")),
    SCRIPT(List.of("-Fp"), List.of()),
    INSERTS(List.of("-Fp", "--inserts"), List.of()),
    COLUMN_INSERTS(List.of("-Fp", "--column-inserts", "--rows-per-insert=2"), List.of());

    final List<String> dump;
    final List<String> restore;

    Way(List<String> dump, List<String> restore) {
      this.dump = dump;
      this.restore = restore;
    }
  }

  @BeforeAll
  static void start() {
    cluster = TestCluster.create().set("shared_preload_libraries", "").start();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void fill() {
    cluster.execute("CREATE DATABASE " + FROM);
    cluster.execute("CREATE DATABASE " + TO);
    original("CREATE EXTENSION steep_repl");
    original("CREATE TABLE public.orders (id integer PRIMARY KEY, note varchar(20))");
    // Each row before the one that it refers to.
    original(
        "INSERT INTO steep_repl.nodes (node_id, node_name, host, status, init_state,"
            + " init_source_node, is_coordinator, last_seen, address_confirmed) VALUES"
            + " ('c', 'C', 'h', 'offline', 'synchronized', 'b', false, '2999-01-01', true),"
            + " ('b', 'B', 'h', 'unreachable', 'diverged', 'a', true, NULL, false),"
            + " ('a', 'A', 'h', 'unknown', 'failed', NULL, false, '2001-01-01', true)");
    original("SELECT steep_repl.heartbeat('a'), steep_repl.capture_fingerprints('a')");
    original("INSERT INTO steep_repl.init_slots VALUES ('slot', 'a', '0/1', now(), NULL, 'b')");
    original("INSERT INTO steep_repl.init_progress (node_id, phase) VALUES ('a', 'copying')");
    original("INSERT INTO steep_repl.coordinator_state VALUES ('cluster_version', '7')");
  }

  @AfterEach
  void empty() {
    cluster.execute("DROP DATABASE " + FROM);
    cluster.execute("DROP DATABASE " + TO);
  }

  private static void original(String sql) {
    Databases.execute(cluster, FROM, sql);
  }

  private static String value(String database, String sql) {
    return String.valueOf(Databases.value(cluster, database, sql));
  }

  private static String allRows(String database) {
    StringBuilder rows = new StringBuilder();
    for (String table : List.of(value(database, TABLES).split(" ", -1))) {
      rows.append(table).append(":\n");
      rows.append(
          value(
              database,
              "SELECT string_agg(r::text, E'\\n' ORDER BY r::text) FROM " + table + " AS r"));
      rows.append('\n');
    }
    return rows.toString();
  }

  private static List<String> log(String database) {
    return List.of(
        value(database, "SELECT string_agg(l, E'\\n') FROM (" + LOG + ") AS rows(l)").split("\n"));
  }

  private static void run(String program, List<String> options, String... more) {
    List<String> arguments = new ArrayList<>(List.of("-h", "127.0.0.1", "-U", "postgres"));
    arguments.addAll(List.of("-p", String.valueOf(cluster.port())));
    arguments.addAll(options);
    arguments.addAll(List.of(more));
    Programs.run(Installation.get().command(program, arguments.toArray(String[]::new)));
  }

  private static void copy(List<String> dump, List<String> restore) {
    String file = cluster.data().resolve("dump").toString();
    run("pg_dump", dump, "-f", file, FROM);
    if (dump.contains("-Fc")) {
      run("pg_restore", restore, "-d", TO, file);
    } else {
      run("psql", restore, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", TO, "-f", file);
    }
  }

  /** What was there is there, and the log tells besides that it was loaded. */
  private static void assertRestored() {
    assertThat(allRows(TO))
        .isEqualTo(allRows(FROM))
        .contains("unreachable", "orders", "cluster_version", "copying", "slot");
    assertThat(log(TO)).containsAll(log(FROM)).hasSize(log(FROM).size() + LOADED);
  }

  @ParameterizedTest
  @EnumSource
  void aRestoredDatabaseHasTheSameRows(Way way) {
    assertThat(log(FROM)).as("and one heartbeat that made healthy").hasSize(LOADED + 1);

    copy(way.dump, way.restore);

    assertRestored();
    Databases.execute(cluster, TO, "SELECT steep_repl.register_node('d', 'D')");
    assertThat(log(TO).stream().filter(row -> row.contains("node.registered,")).toList())
        .as("three before, three while the dump was loaded, one now")
        .hasSize(7);
  }

  @Test
  void dataAloneGoesIntoADatabaseThatHasALogOfItsOwn() {
    Databases.execute(cluster, TO, "CREATE EXTENSION steep_repl");
    Databases.execute(cluster, TO, "CREATE TABLE public.orders (id integer, note varchar(20))");
    Databases.execute(
        cluster,
        TO,
        "SELECT steep_repl.register_node('x' || i, 'X') FROM generate_series(1, 20) AS i");
    List<String> own = log(TO);

    copy(List.of("-Fc", "-a"), List.of("-e", "-a"));

    assertThat(log(TO))
        .containsAll(own)
        .containsAll(log(FROM))
        .hasSize(20 + log(FROM).size() + LOADED);
    assertThat(value(TO, "SELECT count(*) FROM steep_repl.nodes")).isEqualTo("23");
  }

  /** One INSERT per row then needs one transaction for all. */
  @Test
  void twoNodesMayHaveBeenInitializedFromEachOther() {
    original("UPDATE steep_repl.nodes SET init_source_node = 'c' WHERE node_id = 'a'");
    copy(List.of("-Fc"), List.of("-e"));
    assertThat(allRows(TO)).isEqualTo(allRows(FROM));

    cluster.execute("DROP DATABASE " + TO);
    cluster.execute("CREATE DATABASE " + TO);
    copy(List.of("-Fp", "--inserts"), List.of("-1"));
    assertThat(allRows(TO)).isEqualTo(allRows(FROM));
  }

  /** Even a superuser's row in a dump is under audit, whatever his settings. */
  @Test
  void noSettingKeepsARowOutOfTheLog() {
    for (String setting : new String[] {"row_security = off", "check_function_bodies = off"}) {
      cluster.execute("ALTER DATABASE " + FROM + " SET " + setting);
    }
    int before = log(FROM).size();
    original("SELECT steep_repl.register_node('z', 'Z')");
    assertThat(log(FROM)).hasSize(before + 1);
  }
}
