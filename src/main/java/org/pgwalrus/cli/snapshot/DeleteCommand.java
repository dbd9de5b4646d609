package org.pgwalrus.cli.snapshot;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.DatabaseCommand;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.FunctionCall;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes a snapshot. */
@Command(
    name = "delete",
    description = "Forgets a snapshot, and deletes its files if that is asked for.")
final class DeleteCommand extends DatabaseCommand {

  private static final String JOB =
      "SELECT max(id) FROM steep_repl.work_queue"
          + " WHERE snapshot_id = ? AND operation = 'snapshot_delete'";

  @Parameters(paramLabel = "ID", description = "the snapshot")
  String id;

  @Option(names = "--remove-files", description = "delete its files on the server too")
  boolean removeFiles;

  @Option(names = "--dry-run", description = "show what would be deleted, and leave it")
  boolean dryRun;

  @Option(
      names = "--no-wait",
      description = "return as soon as the server has queued the deletion of the files")
  boolean noWait;

  @Override
  protected Requirement requirement() {
    return removeFiles && !dryRun
        ? Requirement.ofJob("delete_snapshot", "wait_operation")
        : Requirement.of("delete_snapshot");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    Row snapshot = Snapshots.find(session, id);
    if (!dryRun && !delete(session)) {
      throw Snapshots.missing(id);
    }
    int code = removeFiles && !dryRun ? followRemoval(session, snapshot, console) : told(console);
    SnapshotText.print(snapshot, output(), console);
    return code;
  }

  private boolean delete(Session session) throws SQLException {
    FunctionCall call =
        new FunctionCall("delete_snapshot")
            .with("p_id", "text", id)
            .with("p_remove_files", "boolean", removeFiles ? Boolean.TRUE : null);
    return Row.of(session.connection(), call).getFirst().get("r").equals("t");
  }

  private int told(Console console) {
    String done = dryRun ? "would be deleted" : "is deleted";
    console.note(
        "snapshot "
            + id
            + " "
            + done
            + (removeFiles ? ", with its files" : "; its files are left as they are"));
    return ExitCode.SUCCESS;
  }

  /** A job removes the files; the snapshot is not deleted before that has ended. */
  private int followRemoval(Session session, Row snapshot, Console console) throws SQLException {
    Long job = job(session);
    if (job != null && noWait) {
      console.note(
          "job "
              + job
              + " is queued to delete snapshot "
              + id
              + " with its files; steep-repl ops status "
              + job
              + " tells when it has");
      return ExitCode.SUCCESS;
    }
    Row ended = job == null ? null : await(session, job);
    if (ended != null && !ended.get("status").equals("complete")) {
      console.error(
          "snapshot " + id + " is not deleted: " + ended.get("error_message"),
          "steep-repl ops status " + job + " tells more.");
      return ExitCode.OPERATION_FAILED;
    }
    console.note(
        "snapshot " + id + " is deleted, with its files in " + snapshot.get("storage_path"));
    return ExitCode.SUCCESS;
  }

  /** The job that removes the files; null when it has done so already. */
  private @Nullable Long job(Session session) throws SQLException {
    try (PreparedStatement statement = session.connection().prepareStatement(JOB)) {
      statement.setString(1, id);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long job = row.getLong(1);
        return row.wasNull() ? null : job;
      }
    }
  }

  private static Row await(Session session, long job) throws SQLException {
    return Row.of(
            session.connection(), new FunctionCall("wait_operation").with("p_id", "bigint", job))
        .getFirst();
  }
}
