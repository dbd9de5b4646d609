package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.apply.Applications;

/** An application that is cancelled, in each of its phases, has left its tables as they were. */
class SnapshotCancelIT {

  /**
   * Where statements that are like the setting {@code gate.statement} wait, as long as somebody
   * holds the lock: commands, rows that are copied, and the expressions of an index. Commands do
   * not come by the immutable function, whose result a plan may have from another statement.
   */
  private static final String GATE =
      """
      CREATE FUNCTION pass_gate() RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        IF current_query() LIKE current_setting('gate.statement', true) THEN
          PERFORM pg_advisory_xact_lock_shared(1);
        END IF;
      END $$;
      CREATE FUNCTION gate(i integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS
        'BEGIN PERFORM public.pass_gate(); RETURN i; END';
      CREATE FUNCTION gate_command() RETURNS event_trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM public.pass_gate(); END';
      CREATE EVENT TRIGGER gate ON ddl_command_start EXECUTE FUNCTION gate_command();
      CREATE TABLE gated (i integer CHECK (gate(i) > 0));
      CREATE INDEX ON gated (gate(i));
      INSERT INTO gated VALUES (1), (2);
      """;

  /** Within the phase, or not at all: a cancel has its effect when it commits. */
  private static final String CANCEL =
      """
      DO $$
      DECLARE
        job bigint := (SELECT max(id) FROM steep_repl.work_queue);
      BEGIN
        LOOP
          PERFORM FROM steep_repl.operation_progress(job) AS p WHERE p.phase = #;
          EXIT WHEN FOUND;
          PERFORM FROM steep_repl.operation_progress(job) AS p WHERE p.ended_at IS NOT NULL;
          EXIT WHEN FOUND;
        END LOOP;
        PERFORM steep_repl.cancel_operation(job);
      END $$
      """;

  private static TestCluster cluster;
  private static Snapshots snapshots;
  private static Applications applications;
  private static KillTrial trial;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    applications = new Applications(cluster);
    ShopDatabase.create(cluster, "source");
    Databases.execute(cluster, "source", GATE);
    snapshots.generate("source", "shop", "");
    cluster.execute("CREATE DATABASE target");
    Databases.copySchema(cluster, "source", "target");
    trial =
        new ApplyTrial(
            cluster,
            "source",
            DatabaseImage.of(cluster, "source"),
            snapshots.path("shop"),
            "target",
            false);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @CsvSource({
    "verify, nothing",
    "schema, %set_foreign_keys_aside%",
    "data, COPY%gated%",
    "constraints, %put_foreign_key_back%",
    "sequences, %put_triggers_back%",
    "finalizing, ANALYZE%gated%"
  })
  void nothingThatWasSetAsideStaysAway(String phase, String statement) throws SQLException {
    snapshots.awaitIdle();
    cluster.execute("ALTER DATABASE target SET gate.statement = '" + statement + "'");
    String job;
    try (Connection holder = Databases.connect(cluster, "target");
        Statement gate = holder.createStatement()) {
      gate.execute("SELECT pg_advisory_lock(1)");
      job = applications.start("target", snapshots.path("shop"), ", 2, p_truncate => true");
      Databases.execute(cluster, "target", CANCEL.replace("#", "'" + phase + "'"));
      applications.await("target", job, "cancelled");
    }
    assertThat(Databases.value(cluster, "target", "SELECT status FROM steep_repl.snapshots"))
        .isEqualTo("cancelled");
    trial.assertUndone(job);

    String retry =
        Databases.value(
            cluster, "target", "SELECT id FROM steep_repl.retry_operation(" + job + ")");
    applications.await("target", String.valueOf(retry), "complete");
    trial.assertComplete(String.valueOf(retry));
  }
}
