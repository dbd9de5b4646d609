package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
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

  @Parameters(paramLabel = "ID", description = "the snapshot")
  String id;

  @Option(names = "--remove-files", description = "delete its files on the server too")
  boolean removeFiles;

  @Option(names = "--dry-run", description = "show what would be deleted, and leave it")
  boolean dryRun;

  @Override
  protected Requirement requirement() {
    return Requirement.of("delete_snapshot");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    Row snapshot = Snapshots.find(session, id);
    if (!dryRun && !delete(session)) {
      throw Snapshots.missing(id);
    }
    String done = dryRun ? "would be deleted" : "is deleted";
    console.note(
        removeFiles
            ? "snapshot " + id + " " + done + ", with its files in " + snapshot.get("storage_path")
            : "snapshot " + id + " " + done + "; its files are left as they are");
    SnapshotText.print(snapshot, output(), console);
    return ExitCode.SUCCESS;
  }

  private boolean delete(Session session) throws SQLException {
    FunctionCall call =
        new FunctionCall("delete_snapshot")
            .with("p_id", "text", id)
            .with("p_remove_files", "boolean", removeFiles ? Boolean.TRUE : null);
    return Row.of(session.connection(), call).getFirst().get("r").equals("t");
  }
}
