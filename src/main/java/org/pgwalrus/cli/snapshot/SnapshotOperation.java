package org.pgwalrus.cli.snapshot;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.Session;
import org.pgwalrus.cli.connection.Retry;
import org.pgwalrus.cli.progress.Operation;
import org.pgwalrus.cli.progress.Progress;
import org.pgwalrus.cli.progress.State;

/** A snapshot that is generated or applied. Its newest job, where there is one, tells the end. */
record SnapshotOperation(Session session, String id) implements Operation {

  private static final Set<String> ENDS =
      Set.of("complete", "applied", "failed", "cancelled", "expired");

  private static final Set<String> SUCCESSES = Set.of("complete", "applied");

  /**
   * What is counted is counted by the job alone: the row of the snapshot tells of its files, whose
   * bytes may be compressed, and of its generation until an application has begun.
   */
  private static final String LOOK =
      """
      SELECT s.status, coalesce(s.error_message, w.error_message) AS error_message,
             w.status AS job_status, p.phase, p.overall_percent, p.current_table,
             CASE WHEN j.goes_on THEN o.tables_completed ELSE p.tables_completed END
               AS tables_completed,
             CASE WHEN j.goes_on THEN o.tables_total ELSE p.tables_total END AS tables_total,
             p.eta_seconds, o.bytes_processed, o.bytes_total, o.throughput_bytes_sec
        FROM steep_repl.snapshots AS s
        LEFT JOIN LATERAL steep_repl.snapshot_progress(s.snapshot_id) AS p ON true
        LEFT JOIN LATERAL (
             SELECT q.id, q.status, q.error_message FROM steep_repl.work_queue AS q
              WHERE q.snapshot_id = s.snapshot_id ORDER BY q.id DESC LIMIT 1) AS w ON true
        LEFT JOIN LATERAL steep_repl.operation_progress(w.id) AS o ON w.id IS NOT NULL
       CROSS JOIN LATERAL (SELECT w.status IN ('pending', 'running')) AS j(goes_on)
       WHERE s.snapshot_id = ?
      """;

  @Override
  public State look() throws SQLException {
    try (PreparedStatement statement = session.connection().prepareStatement(LOOK)) {
      statement.setString(1, id);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw Snapshots.missing(id);
        }
        return state(row);
      }
    }
  }

  private static State state(ResultSet row) throws SQLException {
    String status = row.getString("status");
    String job = row.getString("job_status");
    // While an earlier snapshot is applied, its row may still tell of its generation.
    String deciding = job == null ? status : job;
    boolean hasEnded = ENDS.contains(deciding);
    String outcome = hasEnded && !ENDS.contains(status) ? deciding : status;
    Progress progress = progress(row);
    return new State(
        outcome,
        hasEnded,
        row.getString("error_message"),
        hasEnded && SUCCESSES.contains(outcome) ? progress.completed() : progress);
  }

  private static Progress progress(ResultSet row) throws SQLException {
    String phase = row.getString("phase");
    return new Progress(
        phase == null ? Progress.NONE.phase() : phase,
        row.getDouble("overall_percent"),
        row.getString("current_table"),
        row.getInt("tables_completed"),
        row.getInt("tables_total"),
        row.getLong("bytes_processed"),
        row.getLong("bytes_total"),
        row.getDouble("throughput_bytes_sec"),
        seconds(row));
  }

  private static @Nullable Integer seconds(ResultSet row) throws SQLException {
    int seconds = row.getInt("eta_seconds");
    return row.wasNull() ? null : seconds;
  }

  @Override
  public void cancel() throws SQLException {
    try (Connection connection = session.connector().open(Retry.PATIENT)) {
      cancel(connection, id);
    }
  }

  /** Asks the server to cancel a snapshot; false where nothing waits or runs. */
  static boolean cancel(Connection connection, String id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT steep_repl.cancel_snapshot(?)")) {
      statement.setString(1, id);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  @Override
  public void reconnect() {
    session.reconnect();
  }
}
