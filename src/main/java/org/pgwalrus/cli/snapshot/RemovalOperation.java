package org.pgwalrus.cli.snapshot;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.FunctionCall;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.Session;
import org.pgwalrus.cli.connection.Retry;
import org.pgwalrus.cli.progress.Operation;
import org.pgwalrus.cli.progress.Progress;
import org.pgwalrus.cli.progress.State;

/** The job that removes the files of a snapshot, whose row it takes along. */
record RemovalOperation(Session session, String id, long job) implements Operation {

  private static final Set<String> ENDS = Set.of("complete", "failed", "cancelled");

  @Override
  public State look() throws SQLException {
    Row row =
        Row.of(session.connection(), "work_queue", "id", job)
            .orElseThrow(() -> new CliException(ExitCode.ERROR, "job " + job + " not found"));
    String status = row.get("status");
    return new State(
        status, ENDS.contains(status), row.columns().get("error_message"), Progress.NONE);
  }

  @Override
  public void cancel() throws SQLException {
    try (Connection connection = session.connector().open(Retry.PATIENT)) {
      Row.of(connection, new FunctionCall("cancel_operation").with("p_id", "bigint", job));
    }
  }

  @Override
  public void reconnect() {
    session.reconnect();
  }
}
