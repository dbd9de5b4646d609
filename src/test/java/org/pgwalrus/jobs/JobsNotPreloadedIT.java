package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.TestCluster;
import org.postgresql.util.ServerErrorMessage;

/** A server without the library in {@code shared_preload_libraries}: all can be read, none runs. */
class JobsNotPreloadedIT {

  @Test
  void whatIsReadAnswersWhatIsQueuedSaysWhatIsMissing() {
    try (TestCluster cluster = TestCluster.create().set("shared_preload_libraries", "").start()) {
      cluster.execute("CREATE EXTENSION steep_repl");

      assertThat(
              cluster.column(
                  """
                  SELECT concat_ws(' ', status, background_worker_running, shared_memory_available,
                                   preload, registered, active_operations, worker_pid, last_error)
                    FROM steep_repl.health()
                  """))
          .containsExactly("unhealthy f f f t 0");
      assertThat(cluster.value("SELECT steep_repl.bgworker_available()")).isEqualTo("f");
      assertThat(cluster.value("SELECT steep_repl.is_operation_active()")).isEqualTo("f");
      assertThat(cluster.column("SELECT steep_repl.get_progress_percent()"))
          .containsExactly("null");
      assertThat(cluster.column("SELECT * FROM steep_repl.operation_progress()")).isEmpty();
      assertThat(cluster.column("SELECT * FROM steep_repl.list_operations()")).isEmpty();
      assertThat(cluster.column("SELECT * FROM steep_repl.get_enabled_databases()"))
          .containsExactly("postgres");
      assertThat(cluster.value("SELECT steep_repl.cancel_operation(1)")).isEqualTo("f");

      for (String call :
          List.of(
              "start_capture('here')",
              "retry_operation(1)",
              "enqueue('schema_capture', NULL, NULL, NULL, NULL)",
              "launch_worker()",
              "wake_worker()")) {
        ServerErrorMessage error = cluster.error("SELECT steep_repl." + call);
        assertThat(error.getSQLState()).as(call).isEqualTo("55000");
        assertThat(error.getMessage()).as(call).contains("shared_preload_libraries");
        assertThat(error.getHint()).as(call).contains("restart the server");
      }
      assertThat(cluster.value("SELECT count(*) FROM steep_repl.work_queue")).isEqualTo("0");
      assertThat(cluster.log()).doesNotContain("FATAL:").doesNotContain("steep_repl launcher");
    }
  }

  @Test
  void theQueueCanBePutInOrderAndRunsOnceTheLibraryIsPreloaded() {
    try (TestCluster cluster = TestCluster.create().set("shared_preload_libraries", "").start()) {
      cluster.execute("CREATE EXTENSION steep_repl");
      cluster.execute(
          """
          INSERT INTO steep_repl.work_queue (id, operation, params, status, worker_pid)
          SELECT n, 'schema_capture', '{"node_id": "here"}', status, 1
            FROM (VALUES (1, 'running'), (2, 'pending'), (3, 'pending')) AS v(n, status)
          """);

      assertThat(cluster.value("SELECT steep_repl.recover_abandoned_work()")).isEqualTo("1");
      assertThat(cluster.value("SELECT status FROM steep_repl.wait_operation(1, 0)"))
          .isEqualTo("failed");
      assertThat(cluster.value("SELECT steep_repl.cancel_operation(2)")).isEqualTo("t");
      assertThat(cluster.value("SELECT steep_repl.register_current_db()"))
          .contains("registered successfully");

      cluster.set("shared_preload_libraries", "pg_walrus").restart();

      assertThat(cluster.value("SELECT status FROM steep_repl.wait_operation(3, 120)"))
          .isEqualTo("complete");
      assertThat(cluster.column("SELECT status FROM steep_repl.work_queue ORDER BY id"))
          .containsExactly("failed", "cancelled", "complete");
      assertThat(cluster.value("SELECT preload FROM steep_repl.health()")).isEqualTo("t");
    }
  }
}
