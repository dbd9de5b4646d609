package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;

/** One job that shows its progress as fast as it can, and eight sessions that read it. */
class TornReadIT {

  private static final int READERS = 8;
  private static final String READ =
      "SELECT tables_completed, rows_processed, bytes_processed,"
          + " substring(current_table FROM '^a_schema_with_quite_a_long_name"
          + "[.]a_table_with_the_number_([0-9]+)$')::bigint, overall_percent,"
          + " updated_at >= started_at, status, seq"
          + " FROM jsonb_to_recordset(steep_repl.progress_slots()) AS s("
          + " tables_completed bigint, rows_processed bigint, bytes_processed bigint,"
          + " current_table text, overall_percent float8, started_at timestamptz,"
          + " updated_at timestamptz, status text, seq bigint) WHERE current_table <> ''";

  /** The small heap shows that a job may count for hours. */
  @Test
  void nobodyReadsHalfOfAChange() throws Exception {
    try (TestCluster cluster = ProgressKinds.cluster().set("steep_repl.job_heap", "32MB").start();
        ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      JobQueue queue = JobQueue.install(cluster, "postgres");
      long id = queue.queue("trial_hammer", "{\"seconds\": 10}");
      queue.await(id, "running");
      List<Future<Long>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(() -> read(queue, id)));
      }
      for (Future<Long> reader : readers) {
        assertThat(changesSeen(reader)).as("changes that one reader saw").isGreaterThan(50);
      }
      queue.await(id, "complete");
      assertThat(Long.parseLong(queue.live(id, "rows_processed"))).isGreaterThan(10_000);
      assertThat(cluster.crashRestarts()).isZero();
    }
  }

  private static long changesSeen(Future<Long> reader) throws InterruptedException {
    try {
      return reader.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  /** Reads until the job has ended; returns how often it saw something new. */
  private static long read(JobQueue queue, long id) throws SQLException {
    try (Connection connection = Databases.connect(queue.cluster(), queue.database());
        Statement statement = connection.createStatement()) {
      long changes = 0;
      long last = 0;
      while (true) {
        try (ResultSet row = statement.executeQuery(READ)) {
          if (row.next()) {
            long counted = row.getLong(1);
            assertThat(row.getLong(2)).isEqualTo(counted);
            assertThat(row.getLong(3)).isEqualTo(counted);
            assertThat(row.getLong(4)).isBetween(counted, counted + 1);
            assertThat(row.getBoolean(6)).isTrue();
            assertThat(counted).as("never back").isGreaterThanOrEqualTo(last);
            changes += counted > last ? 1 : 0;
            last = counted;
            if (!row.getString(7).equals("running")) {
              return changes;
            }
          }
        }
        if (changes == 0) {
          assertThat(queue.of(id, "status")).isEqualTo("running");
        }
      }
    }
  }
}
