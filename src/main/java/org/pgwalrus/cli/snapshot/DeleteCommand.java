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
import org.pgwalrus.cli.progress.Interrupts;
import org.pgwalrus.cli.progress.Listener;
import org.pgwalrus.cli.progress.ProgressView;
import org.pgwalrus.cli.progress.State;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin WaitOptions waiting;

  @Override
  protected Requirement requirement() {
    return removeFiles && !dryRun
        ? Requirement.ofJob("delete_snapshot", "cancel_operation")
        : Requirement.of("delete_snapshot");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    Row snapshot = Snapshots.find(session, id);
    int code;
    if (dryRun) {
      code = told("would be deleted", console);
    } else if (!removeFiles) {
      delete(session);
      code = told("is deleted", console);
    } else if (noWait) {
      delete(session);
      code = queued(job(session), snapshot, console);
    } else {
      code = removed(session, snapshot, console);
    }
    SnapshotText.print(
        code == ExitCode.SUCCESS ? snapshot : current(session, snapshot), output(), console);
    return code;
  }

  /** How it is now, where the session still tells. */
  private Row current(Session session, Row before) {
    try {
      return Snapshots.current(session, id).orElse(before);
    } catch (SQLException e) {
      return before;
    }
  }

  private void delete(Session session) throws SQLException {
    FunctionCall call =
        new FunctionCall("delete_snapshot")
            .with("p_id", "text", id)
            .with("p_remove_files", "boolean", removeFiles ? Boolean.TRUE : null);
    if (!Row.of(session.connection(), call).getFirst().get("r").equals("t")) {
      throw Snapshots.missing(id);
    }
  }

  private int told(String done, Console console) {
    console.note(
        "snapshot "
            + id
            + " "
            + done
            + (removeFiles ? ", with its files" : "; its files are left as they are"));
    return ExitCode.SUCCESS;
  }

  private int queued(@Nullable Long job, Row snapshot, Console console) {
    if (job == null) {
      return gone(snapshot, console);
    }
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

  private int gone(Row snapshot, Console console) {
    console.note(
        "snapshot " + id + " is deleted, with its files in " + snapshot.get("storage_path"));
    return ExitCode.SUCCESS;
  }

  /** A job removes the files; the snapshot is not deleted before that has ended. */
  private int removed(Session session, Row snapshot, Console console) throws SQLException {
    Interrupts interrupts = Interrupts.install();
    try (Listener listener = Listener.open(session.connector(), Session::sleep, System::nanoTime)) {
      if (interrupts.count() > 0) {
        console.note("nothing was deleted");
        return ExitCode.CANCELLED;
      }
      delete(session);
      Long job = job(session);
      return job == null
          ? gone(snapshot, console)
          : new Following(session, console, waiting.timeout, ProgressView.SILENT)
              .follow(
                  new RemovalOperation(session, id, job),
                  new Following.Subject(
                      "the deletion of snapshot " + id + " (job " + job + ")",
                      "steep-repl ops status " + job,
                      "steep-repl ops cancel " + job),
                  listener,
                  interrupts,
                  state -> ended(job, state, snapshot, console));
    }
  }

  private int ended(long job, State state, Row snapshot, Console console) {
    if (state.status().equals("complete")) {
      return gone(snapshot, console);
    }
    console.error(
        "snapshot " + id + " is not deleted: " + state.error(),
        "steep-repl ops status " + job + " tells more.");
    return state.status().equals("cancelled") ? ExitCode.CANCELLED : ExitCode.OPERATION_FAILED;
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
}
