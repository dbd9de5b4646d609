package org.pgwalrus.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.pgwalrus.cluster.TestCluster;

/** What the queue of jobs costs: from the commit to the start, jobs a second, and a claim. */
final class Jobs {

  static final String METHOD =
      """
      One server with `fsync = on`. *Start*: a job is queued while none runs, so that launcher, process,
      connection and JVM all come first; the time is that between the row's `created_at` and
      `started_at`. *Through the queue*: captures of an empty schema, queued in one transaction; one
      worker runs them one after another. The rival is a client on JDBC with a plain table, which takes
      a row with `FOR UPDATE SKIP LOCKED`, commits, marks it done, and commits: it has no roles, no
      progress, no notifications, no audit, and does nothing. *A claim*: `steep_repl.claim_work()` in
      a transaction of its own, by the queue's finished rows.
      """;

  private static final int STARTS = 15;
  private static final int CLAIMS = 500;

  private final int jobs;
  private final int finished;
  private final List<Double> starts = new ArrayList<>();
  private double ours;
  private double rival;
  private double claimOfEmpty;
  private double claimOfFull;

  Jobs(int jobs, int finished) throws SQLException {
    this.jobs = jobs;
    this.finished = finished;
    try (TestCluster cluster = TestCluster.create()) {
      cluster
          .set("fsync", "on")
          .set("log_min_messages", "warning")
          .set("checkpoint_timeout", "300s")
          .set("max_wal_size", "4GB")
          .start();
      cluster.execute("CREATE SCHEMA nothing");
      cluster.execute("CREATE EXTENSION steep_repl");
      try (Connection connection = cluster.connect();
          Statement statement = connection.createStatement()) {
        measureStarts(statement);
        measureThroughput(connection, statement);
        measureClaims(statement);
      }
    }
  }

  private static double number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      if (!row.next()) {
        throw new IllegalStateException("no row: " + sql);
      }
      return row.getDouble(1);
    }
  }

  private void measureStarts(Statement statement) throws SQLException {
    for (int i = 0; i < STARTS; i++) {
      long id =
          (long) number(statement, "SELECT id FROM steep_repl.start_capture('bench', '{nothing}')");
      starts.add(
          number(
              statement,
              "SELECT 1000 * extract(epoch FROM w.started_at - w.created_at)"
                  + " FROM steep_repl.wait_operation("
                  + id
                  + ", 60) AS w"));
    }
  }

  private void measureThroughput(Connection connection, Statement statement) throws SQLException {
    statement.execute("TRUNCATE steep_repl.work_queue CASCADE");
    // The node is made of the number, or the function would be called once for all.
    number(
        statement,
        "SELECT count(*) FROM generate_series(1, "
            + jobs
            + ") AS n, LATERAL steep_repl.start_capture('bench' || left(n::text, 0), '{nothing}')");
    double seconds =
        number(
            statement,
            "SELECT extract(epoch FROM (steep_repl.wait_operation(max(id), 86400)).completed_at"
                + " - min(created_at)) FROM steep_repl.work_queue");
    double complete =
        number(statement, "SELECT count(*) FROM steep_repl.work_queue WHERE status = 'complete'");
    if (complete != jobs) {
      throw new IllegalStateException(complete + " jobs of " + jobs + " are complete");
    }
    ours = jobs / seconds;

    statement.execute(
        "CREATE TABLE queue (id bigserial PRIMARY KEY, status text NOT NULL DEFAULT 'pending')");
    statement.execute("CREATE INDEX ON queue (id) WHERE status = 'pending'");
    statement.execute("INSERT INTO queue SELECT FROM generate_series(1, " + jobs + ")");
    long before = System.nanoTime();
    drain(connection);
    rival = jobs / ((System.nanoTime() - before) / 1e9);
  }

  private static void drain(Connection connection) throws SQLException {
    try (PreparedStatement claim =
            connection.prepareStatement(
                "UPDATE queue SET status = 'running' WHERE id = (SELECT id FROM queue"
                    + " WHERE status = 'pending' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)"
                    + " RETURNING id");
        PreparedStatement finish =
            connection.prepareStatement("UPDATE queue SET status = 'complete' WHERE id = ?")) {
      while (true) {
        try (ResultSet row = claim.executeQuery()) {
          if (!row.next()) {
            return;
          }
          finish.setLong(1, row.getLong(1));
        }
        finish.execute();
      }
    }
  }

  private void measureClaims(Statement statement) throws SQLException {
    statement.execute("SELECT steep_repl.disable_db(current_database())");
    statement.execute("TRUNCATE steep_repl.work_queue CASCADE");
    claimOfEmpty = claim(statement);
    statement.execute("TRUNCATE steep_repl.work_queue CASCADE");
    statement.execute(
        "INSERT INTO steep_repl.work_queue (operation, status, completed_at)"
            + " SELECT 'schema_capture', 'complete', now() FROM generate_series(1, "
            + finished
            + ")");
    statement.execute("VACUUM ANALYZE steep_repl.work_queue");
    claimOfFull = claim(statement);
  }

  /** Milliseconds. */
  private static double claim(Statement statement) throws SQLException {
    statement.execute(
        "INSERT INTO steep_repl.work_queue (operation)"
            + " SELECT 'schema_capture' FROM generate_series(1, "
            + 2 * CLAIMS
            + ")");
    long before = 0;
    for (int i = 0; i < 2 * CLAIMS; i++) {
      // The first half warms up.
      before = i == CLAIMS ? System.nanoTime() : before;
      statement.execute("SELECT id FROM steep_repl.claim_work()");
    }
    return (System.nanoTime() - before) / 1e6 / CLAIMS;
  }

  /** The results. */
  String report() {
    Table start = new Table("milliseconds from queued to running", "median", "least", "most");
    start.row(
        "a job when none runs",
        Table.number(1, Median.of(starts, Double::doubleValue)),
        Table.number(1, starts.stream().mapToDouble(Double::doubleValue).min().orElseThrow()),
        Table.number(1, starts.stream().mapToDouble(Double::doubleValue).max().orElseThrow()));
    Table queue = new Table("jobs a second", "plain table", "steep_repl", "ratio");
    queue.row(
        jobs + " tiny jobs",
        Table.number(0, rival),
        Table.number(0, ours),
        Table.number(2, ours / rival));
    Table claim = new Table("milliseconds for a claim", "empty", finished + " rows", "ratio");
    claim.row(
        "by finished jobs in the table",
        Table.number(2, claimOfEmpty),
        Table.number(2, claimOfFull),
        Table.number(2, claimOfFull / claimOfEmpty));
    return start + "\n" + queue + "\n" + claim;
  }

  List<Target> targets() {
    return List.of(
        Target.below(
            "a job that is queued when none runs starts in",
            Median.of(starts, Double::doubleValue),
            100,
            1,
            "ms"),
        Target.below(
            "a claim with a million finished jobs, against none: ratio",
            claimOfFull / claimOfEmpty,
            2,
            2,
            "times"));
  }
}
