package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;

/** A dump keeps what has happened, and brings no work with it from another server. */
class QueueDumpIT {

  private static final String FINISHED =
      "SELECT w::text FROM steep_repl.work_queue AS w WHERE id IN (1, 11, 12) ORDER BY id";

  private static final TestCluster CLUSTER = TestCluster.create();

  @BeforeAll
  static void restoreTheDumpOfAQueue() {
    CLUSTER.start();
    CLUSTER.execute("CREATE DATABASE origin");
    CLUSTER.execute("CREATE DATABASE copy");
    execute("CREATE EXTENSION steep_repl");
    assertThat(value("origin", "SELECT (steep_repl.start_capture('here')).id")).isEqualTo("1");
    assertThat(value("origin", "SELECT status FROM steep_repl.wait_operation(1, 120)"))
        .isEqualTo("complete");
    execute("SELECT steep_repl.disable_db('origin')");
    execute("SELECT setval('steep_repl.work_queue_id_seq', 500)");
    execute(
        """
        INSERT INTO steep_repl.nodes (node_id, node_name, host)
        VALUES ('here', 'here', 'localhost');
        INSERT INTO steep_repl.snapshots (snapshot_id, source_node_id) VALUES ('snap', 'here');
        INSERT INTO steep_repl.work_queue
               (id, operation, snapshot_id, status, error_message, retry_of, completed_at, params)
        VALUES (11, 'snapshot_apply', 'snap', 'cancelled', E'a "b" \\\\ c\\n', NULL, now(), '{}'),
               (12, 'snapshot_apply', 'snap', 'failed', 'no', 11, now(), '{"a": [1, "ä"]}');
        INSERT INTO steep_repl.work_queue (id, operation, params, status, worker_pid, requested_on)
        VALUES (21, 'schema_capture', '{"node_id": "x"}', 'pending', NULL, 1),
               (22, 'schema_capture', '{"node_id": "x"}', 'running', 1, 1);
        """);
    Databases.copy(CLUSTER, "origin", "copy");
  }

  @AfterAll
  static void close() {
    CLUSTER.close();
  }

  @Test
  void finishedJobsAreAsTheyWere() {
    assertThat(column("copy", FINISHED)).hasSize(3).isEqualTo(column("origin", FINISHED));
    assertThat(column("copy", "SELECT s::text FROM steep_repl.snapshots AS s"))
        .hasSize(1)
        .isEqualTo(column("origin", "SELECT s::text FROM steep_repl.snapshots AS s"));
  }

  @Test
  void theRestoredDatabaseIsRegisteredAndGoesOnCounting() {
    assertThat(
            CLUSTER.column(
                """
                SELECT d.datname || ' ' || s.setconfig[1]
                  FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase
                 ORDER BY d.datname
                """))
        .hasSize(2)
        .satisfies(
            list -> assertThat(list.get(0)).startsWith("copy steep_repl.registration=enabled"))
        .satisfies(
            list -> assertThat(list.get(1)).startsWith("origin steep_repl.registration=disabled"));
    String next = value("copy", "SELECT (steep_repl.start_capture('here')).id");
    assertThat(Long.parseLong(next)).isGreaterThan(500);
    assertThat(value("copy", "SELECT status FROM steep_repl.wait_operation(" + next + ", 120)"))
        .isEqualTo("complete");
  }

  @Test
  void workOfAnotherServerFailsInsteadOfRunning() {
    Databases.execute(CLUSTER, "copy", "SELECT steep_repl.wake_worker()");

    assertThat(value("copy", "SELECT error_message FROM steep_repl.wait_operation(21, 120)"))
        .contains("queued on another server");
    assertThat(value("copy", "SELECT error_message FROM steep_repl.wait_operation(22, 120)"))
        .contains("ended before the job did");
    assertThat(column("copy", "SELECT attempts FROM steep_repl.work_queue WHERE id IN (21, 22)"))
        .containsExactly("0", "0");
    assertThat(column("origin", "SELECT status FROM steep_repl.work_queue WHERE id IN (21, 22)"))
        .containsExactlyInAnyOrder("pending", "running");
  }

  private static void execute(String sql) {
    Databases.execute(CLUSTER, "origin", sql);
  }

  private static String value(String database, String sql) {
    return String.valueOf(Databases.value(CLUSTER, database, sql));
  }

  private static List<String> column(String database, String sql) {
    return List.of(
        value(database, "SELECT string_agg(c.v::text, E'\\x01') FROM (" + sql + ") AS c(v)")
            .split("\u0001", -1));
  }
}
