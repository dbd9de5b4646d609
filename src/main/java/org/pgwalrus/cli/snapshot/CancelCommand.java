package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.DatabaseCommand;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Cancels a snapshot. */
@Command(
    name = "cancel",
    description = "Asks the server to end the job of a snapshot, and returns at once.")
final class CancelCommand extends DatabaseCommand {

  @Parameters(paramLabel = "ID", description = "the snapshot")
  String id;

  @Override
  protected Requirement requirement() {
    return Requirement.of("cancel_snapshot");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    boolean cancelled = SnapshotOperation.cancel(session.connection(), id);
    Row snapshot = Snapshots.find(session, id);
    if (!cancelled) {
      throw new CliException(
          ExitCode.ERROR,
          "snapshot " + id + " is " + snapshot.get("status") + ": there is nothing to cancel");
    }
    console.note(
        "the server is told to cancel snapshot "
            + id
            + "; steep-repl snapshot wait "
            + id
            + " tells when it has");
    SnapshotText.print(snapshot, output(), console);
    return ExitCode.SUCCESS;
  }
}
