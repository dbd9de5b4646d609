package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** {@code walrus.status()} while the worker writes what it reads. */
class StatusIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);
  private static final int SESSIONS = 4;
  private static final int READS = 2_500;

  /** False where the numbers of one reading cannot all have been true at one moment. */
  private static final String CONSISTENT =
      "SELECT (s ->> 'total_adjustments')::int8 ="
          + " (s ->> 'total_increases')::int8 + (s ->> 'total_decreases')::int8"
          + " AND (s ->> 'total_adjustments')::int8 >= (s ->> 'total_capped')::int8"
          + " AND (s ->> 'early_decisions')::int8 <= (s ->> 'analysis_cycles')::int8"
          + " AND (s ->> 'analysis_cycles')::int8 <= (s ->> 'samples')::int8"
          + " AND (s ->> 'total_adjustments' = '0') = (s ->> 'last_adjustment_time' IS NULL)"
          + " AND jsonb_array_length(s -> 'applied_sec') = (s ->> 'applied_count')::int4"
          + " AND (t ->> 'total_adjustments' = '0') = (t ->> 'last_adjustment_time' IS NULL)"
          + " AND (t ->> 'cooldown_remaining_sec')::int4 BETWEEN 0 AND 1"
          + " FROM walrus.shmem_status() AS s, walrus.status() AS t";

  @Test
  void tenThousandReadingsDuringChangesAndResetsAreWhole() throws Exception {
    try (TestCluster cluster =
            Storm.server()
                .set("walrus.cooldown_sec", "1")
                .set("walrus.max_changes_per_hour", "1000")
                .startWithBaseline();
        ExecutorService sessions = Executors.newFixedThreadPool(SESSIONS);
        WalLoad _ = Storm.begin(cluster)) {
      AtomicBoolean done = new AtomicBoolean();
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        readers.add(sessions.submit(() -> read(cluster, done)));
      }
      for (int sizeMb = 64; sizeMb <= 112; sizeMb += 16) {
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
        cluster.execute("SELECT walrus.reset()");
        Storm.renew(cluster, sizeMb);
      }
      done.set(true);
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isGreaterThanOrEqualTo(READS);
      }
    }
  }

  /** Reads at least its share, and on until the changes are over. */
  private static int read(TestCluster cluster, AtomicBoolean done) throws SQLException {
    try (Connection connection = cluster.connect();
        Statement statement = connection.createStatement()) {
      int reads = 0;
      while (reads < READS || !done.get()) {
        try (ResultSet row = statement.executeQuery(CONSISTENT)) {
          row.next();
          assertThat(row.getBoolean(1)).isTrue();
        }
        reads++;
      }
      return reads;
    }
  }
}
