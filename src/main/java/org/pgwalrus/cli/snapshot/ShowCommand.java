package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.DatabaseCommand;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows a snapshot. */
@Command(name = "show", aliases = "status", description = "Shows what is known of a snapshot.")
final class ShowCommand extends DatabaseCommand {

  @Parameters(paramLabel = "ID", description = "the snapshot")
  String id;

  @Override
  protected Requirement requirement() {
    return Requirement.of();
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    SnapshotText.print(Snapshots.find(session, id), output(), console);
    return ExitCode.SUCCESS;
  }
}
