package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.postgresql.util.ServerErrorMessage;

/** A hot standby shows the jobs of its primary, runs none, and takes over with its promotion. */
class JobsOnStandbyIT {

  @Test
  void jobsAreReadUntilThePromotionAndRunAfterIt() {
    try (TestCluster primary = TestCluster.create().start()) {
      primary.execute("CREATE EXTENSION steep_repl");
      assertThat(primary.value("SELECT (steep_repl.start_capture('here')).id")).isEqualTo("1");
      assertThat(primary.value("SELECT status FROM steep_repl.wait_operation(1, 120)"))
          .isEqualTo("complete");
      try (TestCluster standby = TestCluster.standbyOf(primary).start()) {
        // Nobody was told of this one: it waits until somebody looks through the queue.
        primary.execute(
            """
            INSERT INTO steep_repl.work_queue (id, operation, params)
            VALUES (1002, 'schema_capture', '{"node_id": "standby"}')
            """);
        Wait.until(
            () -> "not replicated\n" + standby.log(),
            TestCluster.SOON,
            () ->
                standby.column("SELECT * FROM steep_repl.list_operations('pending')").size() == 1);

        answersWhatIsRead(standby);
        refusesWhatWouldWrite(standby);

        standby.promote();

        assertThat(standby.value("SELECT status FROM steep_repl.wait_operation(1002, 120)"))
            .isEqualTo("complete");
        assertThat(standby.value("SELECT steep_repl.bgworker_available()")).isEqualTo("t");
        String next = standby.value("SELECT (steep_repl.start_capture('promoted')).id");
        assertThat(standby.value("SELECT status FROM steep_repl.wait_operation(" + next + ", 120)"))
            .isEqualTo("complete");
        assertThat(primary.value("SELECT status FROM steep_repl.work_queue WHERE id = 1002"))
            .isEqualTo("pending");
      }
    }
  }

  private static void answersWhatIsRead(TestCluster standby) {
    assertThat(standby.value("SELECT pg_is_in_recovery()")).isEqualTo("t");
    assertThat(
            standby.column(
                """
                SELECT concat_ws(' ', status, background_worker_running, preload, registered,
                                 active_operations, queue_depth)
                  FROM steep_repl.health()
                """))
        .containsExactly("degraded f t t 1 1");
    assertThat(standby.column("SELECT status FROM steep_repl.list_operations()"))
        .containsExactly("pending", "complete");
    assertThat(standby.value("SELECT status FROM steep_repl.wait_operation(1)"))
        .isEqualTo("complete");
    assertThat(standby.column("SELECT * FROM steep_repl.operation_progress()")).isEmpty();
    assertThat(standby.value("SELECT steep_repl.is_operation_active()")).isEqualTo("f");
    assertThat(standby.value("SELECT steep_repl.bgworker_available()")).isEqualTo("f");
    assertThat(standby.column("SELECT * FROM steep_repl.get_enabled_databases()"))
        .containsExactly("postgres");
    assertThat(standby.log()).doesNotContain("steep_repl launcher started");
  }

  private static void refusesWhatWouldWrite(TestCluster standby) {
    for (String call :
        List.of(
            "start_capture('here')",
            "retry_operation(1)",
            "enqueue('schema_capture', NULL, NULL, NULL, NULL)",
            "launch_worker()")) {
      ServerErrorMessage error = standby.error("SELECT steep_repl." + call);
      assertThat(error.getSQLState()).as(call).isEqualTo("25006");
      assertThat(error.getHint()).as(call).contains("primary").contains("promote");
    }
    for (String call :
        List.of("cancel_operation(1002)", "register_current_db()", "recover_abandoned_work()")) {
      assertThat(standby.error("SELECT steep_repl." + call).getSQLState())
          .as(call)
          .isEqualTo("25006");
    }
  }
}
