package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.TestCluster;
import org.postgresql.util.ServerErrorMessage;

/** A server without the library in {@code shared_preload_libraries}. */
class NotPreloadedIT {

  @Test
  void theExtensionSaysWhatIsMissingAndHarmsNobody() throws SQLException {
    try (TestCluster cluster =
        TestCluster.create()
            .set("shared_preload_libraries", "")
            .set("walrus.database", "nowhere")
            .set("walrus.max", "8GB")
            .set("walrus.nope", "1")
            .start()) {
      try (Connection connection = cluster.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE EXTENSION pg_walrus");
        assertThat(String.valueOf(statement.getWarnings()))
            .contains("pg_walrus is not in shared_preload_libraries: nothing is sized");

        assertThatThrownBy(() -> statement.execute("SELECT walrus.shmem_status()"))
            .isInstanceOf(SQLException.class);
        assertThat(connection.isValid(5)).isTrue();
      }
      ServerErrorMessage error = cluster.error("SELECT walrus.shmem_status()");
      assertThat(error.getSQLState()).isEqualTo("55000");
      assertThat(error.getMessage())
          .isEqualTo("pg_walrus must be loaded via shared_preload_libraries");
      assertThat(error.getHint())
          .isEqualTo("Add pg_walrus to shared_preload_libraries and restart the server.");

      try (Connection connection = cluster.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("LOAD 'pg_walrus'");
        assertThat(connection.isValid(5)).isTrue();
        try (var rows = statement.executeQuery("SHOW walrus.max")) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getString(1)).isEqualTo("8GB");
        }
      }
      assertThat(cluster.workerPid()).isZero();
      assertThat(cluster.log()).doesNotContain("FATAL:").doesNotContain("pg_walrus worker started");
    }
  }

  @Test
  void theTableIsThereAndTheRestSaysWhatIsMissing() {
    try (TestCluster cluster = TestCluster.create().set("shared_preload_libraries", "").start()) {
      cluster.execute("CREATE EXTENSION pg_walrus VERSION '1.0'");
      cluster.execute("ALTER EXTENSION pg_walrus UPDATE");
      cluster.execute(
          """
          INSERT INTO walrus.history ("timestamp", action, old_size_mb, new_size_mb,
                                      forced_checkpoints, checkpoint_timeout_sec)
          SELECT now() - days * interval '1 day', 'increase', 1, 1, 1, 1
            FROM unnest(ARRAY[1, 6, 8]) AS days
          """);

      assertThat(cluster.value("SELECT walrus.cleanup_history()")).isEqualTo("1");
      assertThat(cluster.value("SELECT count(*) FROM walrus.history()")).isEqualTo("2");
      assertThat(cluster.value("SELECT count(*) FROM walrus.checkpoint_stats")).isEqualTo("1");
      for (String call :
          List.of(
              "status()",
              "wal_rate()",
              "explain()",
              "metrics()",
              "metrics_prometheus()",
              "recommendation()",
              "analyze()",
              "analyze(apply := true)",
              "simulate(ARRAY[1])",
              "release()",
              "reset()")) {
        assertThat(cluster.error("SELECT walrus." + call).getSQLState())
            .as(call)
            .isEqualTo("55000");
      }
      assertThat(cluster.value("SELECT count(*) FROM walrus.history()")).isEqualTo("2");
    }
  }
}
