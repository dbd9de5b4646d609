package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.Listener;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** Rows of {@code walrus.history}: when they come, what they hold, when they go. */
@Execution(ExecutionMode.CONCURRENT)
class HistoryIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);
  private static final Duration A_RETRY = Duration.ofSeconds(100);

  private static final String OLD_ROW =
      "INSERT INTO walrus.history (timestamp, action, old_size_mb, new_size_mb,"
          + " forced_checkpoints, checkpoint_timeout_sec, reason)"
          + " VALUES (now() - interval '%s', 'increase', 64, 128, 3, 300, '%s')";

  @Test
  void rowsWaitForTheTableAndArriveWithWhatBecameOfThem() {
    try (TestCluster cluster = Storm.server().start()) {
      cluster.awaitLog("established baseline", TestCluster.SOON);
      try (WalLoad _ = Storm.begin(cluster)) {
        cluster.awaitLog("history table does not exist, skipping history insert", AN_INTERVAL);
      }
      assertThat(cluster.log())
          .contains("pg_walrus: resizing max_wal_size from 64 MB")
          .containsPattern(
              "HINT:  Run CREATE EXTENSION pg_walrus in database \"postgres\", which"
                  + " walrus.database names\\.");
      cluster.execute("CREATE EXTENSION pg_walrus");
      assertThat(cluster.stateNumber("history_pending")).isEqualTo(1);

      HistoryTable history = HistoryTable.of(cluster);
      history.await("action = 'increase'", 1, A_RETRY);
      assertThat(history.newest("new_size_mb", "true")).isEqualTo(cluster.setting("max_wal_size"));
      assertThat(history.metadata("effective", "true")).isEqualTo("true");
      assertThat(history.newest("timestamp < now()", "true")).isEqualTo("t");
      cluster.awaitState("history_pending", "0", TestCluster.SOON);
      assertThat(cluster.logCount("history table does not exist")).isEqualTo(1);
    }
  }

  @Test
  void anAppliedChangeHasOneRowWithItsNumbersAndOldRowsGo() {
    try (TestCluster cluster = Storm.server().set("walrus.cooldown_sec", "0").startWithBaseline()) {
      cluster.execute(OLD_ROW.formatted("8 days", "old"));
      cluster.execute(OLD_ROW.formatted("6 days", "young"));
      HistoryTable history = HistoryTable.of(cluster);
      try (WalLoad _ = Storm.begin(cluster)) {
        history.await("metadata ->> 'effective' = 'true'", 1, AN_INTERVAL);
        assertThat(history.count("reason = 'old'")).isZero();
        assertThat(history.count("reason = 'young'")).isEqualTo(1);

        String row = "metadata IS NOT NULL";
        assertThat(history.count(row)).isEqualTo(1);
        assertThat(history.metadataKeys(row))
            .containsExactlyInAnyOrder(
                "delta",
                "multiplier",
                "calculated_size_mb",
                "algorithm",
                "trigger",
                "requested_delta",
                "requested_total",
                "wal_mb",
                "trigger_distance_mb",
                "elapsed_sec",
                "profile",
                "limited_by",
                "fpi_share",
                "rate_samples",
                "rate_ema_mb_sec",
                "rate_percentile_mb_sec",
                "timeline",
                "effective");
        assertThat(history.metadata("delta", row))
            .isEqualTo(history.newest("forced_checkpoints", row));
        assertThat(history.newest("(metadata ->> 'multiplier')::int", row))
            .isEqualTo(history.newest("forced_checkpoints + 1", row));
        assertThat(history.newest("new_size_mb", row)).isEqualTo(cluster.setting("max_wal_size"));
        assertThat(history.newest("checkpoint_timeout_sec", row)).isEqualTo("30");
        assertThat(
                cluster.value("SELECT count(*) FROM walrus.history() WHERE reason LIKE 'Forced%'"))
            .isEqualTo("1");

        // Only once an hour: what is old now stays for the next time.
        cluster.execute(OLD_ROW.formatted("8 days", "late"));
        Storm.renew(cluster, 80);
        cluster.awaitState("total_adjustments", "2", AN_INTERVAL);
        assertThat(history.count("reason = 'late'")).isEqualTo(1);
        assertThat(cluster.value("SELECT walrus.cleanup_history()")).isEqualTo("1");
        assertThat(history.count("reason = 'late'")).isZero();
      }
    }
  }

  /** Rows of different partitions may have the same ctid. */
  @Test
  void ofAPartitionedTableOnlyOldRowsGo() throws Exception {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      cluster.execute("ALTER EXTENSION pg_walrus DROP TABLE walrus.history");
      cluster.execute("ALTER TABLE walrus.history RENAME TO plain");
      cluster.execute(
          "CREATE TABLE walrus.history (LIKE walrus.plain INCLUDING DEFAULTS)"
              + " PARTITION BY LIST (reason)");
      for (String name : new String[] {"old", "young"}) {
        cluster.execute(
            "CREATE TABLE walrus.%1$s PARTITION OF walrus.history FOR VALUES IN ('%1$s')"
                .formatted(name));
      }
      cluster.execute(OLD_ROW.formatted("8 days", "old"));
      cluster.execute(OLD_ROW.formatted("1 hour", "young"));

      cluster.awaitState("analysis_cycles", "1", AN_INTERVAL);
      assertThat(cluster.column("SELECT reason FROM walrus.history")).containsExactly("young");
    }
  }

  @Test
  void withoutRetentionNothingIsKept() {
    try (TestCluster cluster =
        Storm.server().set("walrus.history_retention_days", "0").startWithBaseline()) {
      cluster.execute(OLD_ROW.formatted("1 second", "fresh"));
      try (WalLoad _ = Storm.begin(cluster)) {
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
        cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
      }
      assertThat(HistoryTable.of(cluster).count("true")).isZero();
      assertThat(cluster.log()).doesNotContain("WARNING:  pg_walrus: ");
    }
  }

  /** Without the table nothing is recorded, and everything else is as it was. */
  @Test
  void aDroppedExtensionStopsNoSizing() {
    try (TestCluster cluster = Storm.server().set("walrus.cooldown_sec", "0").startWithBaseline()) {
      cluster.execute("DROP EXTENSION pg_walrus");
      try (WalLoad _ = Storm.begin(cluster)) {
        cluster.awaitLog("pg_walrus: configuration reloaded", AN_INTERVAL);
        cluster.alterSystem("max_wal_size", "80MB").reload();
        cluster.awaitLog("pg_walrus: resizing max_wal_size from 80 MB", AN_INTERVAL);
      }
      assertThat(cluster.log()).contains("history table does not exist");
      assertThat(cluster.logCount("WARNING:  pg_walrus: ")).isEqualTo(1);
    }
  }

  @Test
  void theHistoryIsKeptInTheDatabaseThatIsSet() throws Exception {
    try (TestCluster cluster = Storm.server().start()) {
      cluster.execute("CREATE DATABASE \"audit trail\"");
      cluster.set("walrus.database", "audit trail").restart();
      cluster.execute("CREATE EXTENSION pg_walrus");
      cluster.awaitBaseline();
      Databases.execute(cluster, "audit trail", "CREATE EXTENSION pg_walrus");
      try (Listener here = Listener.on(cluster, "walrus_events");
          Listener there = Listener.on(cluster, "audit trail", "walrus_events");
          WalLoad _ = Storm.begin(cluster)) {
        there.await("adjustment", AN_INTERVAL);
        assertThat(here.payloads()).isEmpty();
      }
      assertThat(Databases.value(cluster, "audit trail", "SELECT count(*) FROM walrus.history()"))
          .isEqualTo("1");
      assertThat(HistoryTable.of(cluster).count("true")).isZero();
      assertThat(Databases.notices(cluster, "postgres", "SELECT * FROM walrus.history()"))
          .containsExactly("the worker does not write to the history of this database");
      assertThat(Databases.notices(cluster, "audit trail", "SELECT * FROM walrus.history()"))
          .isEmpty();
    }
  }

  @Test
  void aDumpKeepsTheRowsAndTheirNumbering() {
    try (TestCluster cluster = Storm.server().startWithBaseline()) {
      try (WalLoad _ = Storm.begin(cluster)) {
        HistoryTable.of(cluster).await("metadata ->> 'effective' = 'true'", 1, AN_INTERVAL);
      }
      cluster.execute(OLD_ROW.formatted("1 hour", "by hand"));
      cluster.execute("CREATE DATABASE copy");
      Databases.copy(cluster, "postgres", "copy");

      String rows = "SELECT string_agg(h::text, E'\\n' ORDER BY id) FROM walrus.history AS h";
      assertThat(Databases.value(cluster, "copy", rows)).isEqualTo(cluster.value(rows));
      Databases.execute(cluster, "copy", OLD_ROW.formatted("1 minute", "after"));
      assertThat(Databases.value(cluster, "copy", "SELECT max(id) FROM walrus.history"))
          .isEqualTo("3");
    }
  }
}
