package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** A worker that gives no sign of life any more, without having ended. */
class StaleIT {

  @Test
  void aStoppedWorkerIsStaleUntilItGoesOn() throws SQLException {
    try (TestCluster cluster =
        ProgressKinds.cluster().set("steep_repl.stale_after", "10s").start()) {
      JobQueue queue = JobQueue.install(cluster, "postgres");
      long id;
      try (Gate _ = Gate.shut(queue)) {
        id = queue.queueGated();
        queue.awaitGate(id);
        // Longer than a sign of life may be old, within one statement.
        Wait.sleep(Duration.ofSeconds(12));
        assertThat(queue.live(id, "is_stale")).isEqualTo("f");

        long pid = Long.parseLong(queue.live(id, "pid"));
        Processes.signal(pid, "STOP");
        try {
          assertThat(queue.live(id, "is_stale")).isEqualTo("f");
          Wait.until("stale", JobQueue.SOON, () -> queue.live(id, "is_stale").equals("t"));
          assertThat(queue.live(id, "status")).isEqualTo("running");
          assertThat(queue.value("SELECT steep_repl.is_operation_active()")).isEqualTo("f");
          assertThat(queue.value("SELECT steep_repl.recover_abandoned_work()"))
              .as("a worker that may go on keeps its job")
              .isEqualTo("0");
        } finally {
          Processes.signal(pid, "CONT");
        }
        Wait.until("alive", JobQueue.SOON, () -> queue.live(id, "is_stale").equals("f"));
        assertThat(queue.value("SELECT steep_repl.is_operation_active()")).isEqualTo("t");
      }
      queue.await(id, "complete");
    }
  }

  @Test
  void theOperationIsOneThatRunsRatherThanAStaleOne() throws SQLException {
    try (TestCluster cluster =
        ProgressKinds.cluster()
            .set("steep_repl.stale_after", "10s")
            .set("steep_repl.max_concurrent_operations", "2")
            .start()) {
      JobQueue queue = JobQueue.install(cluster, "postgres");
      long older;
      long newer;
      try (Gate _ = Gate.shut(queue)) {
        older = queue.queueGated();
        queue.awaitGate(older);
        newer = queue.queueGated();
        queue.awaitGate(newer);
        String current = "SELECT steep_repl.get_progress_work_queue_id()";
        assertThat(queue.value(current)).isEqualTo(String.valueOf(newer));

        long pid = Long.parseLong(queue.live(newer, "pid"));
        Processes.signal(pid, "STOP");
        try {
          Wait.until("stale", JobQueue.SOON, () -> queue.live(newer, "is_stale").equals("t"));
          assertThat(queue.value(current)).isEqualTo(String.valueOf(older));
          assertThat(queue.value("SELECT steep_repl.is_operation_active()")).isEqualTo("t");
        } finally {
          Processes.signal(pid, "CONT");
        }
      }
      queue.await(older, "complete");
      queue.await(newer, "complete");
    }
  }
}
