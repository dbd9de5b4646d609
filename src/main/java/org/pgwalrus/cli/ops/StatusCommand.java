package org.pgwalrus.cli.ops;

import java.sql.SQLException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.DatabaseCommand;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows a job. */
@Command(name = "status", description = "Shows what is known of a job.")
final class StatusCommand extends DatabaseCommand {

  @Parameters(paramLabel = "ID", description = "the number of the job")
  long id;

  @Override
  protected Requirement requirement() {
    return Requirement.of();
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    console.row(Jobs.find(session, id), output());
    return ExitCode.SUCCESS;
  }
}
