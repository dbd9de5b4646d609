package org.pgwalrus.cli.ops;

import java.sql.SQLException;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.DatabaseCommand;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.FunctionCall;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Cancels a job. */
@Command(name = "cancel", description = "Asks the server to end a job, and returns at once.")
final class CancelCommand extends DatabaseCommand {

  @Parameters(paramLabel = "ID", description = "the number of the job")
  long id;

  @Override
  protected Requirement requirement() {
    return Requirement.of("cancel_operation");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    FunctionCall cancel = new FunctionCall("cancel_operation").with("p_id", "bigint", id);
    boolean cancelled = Row.of(session.connection(), cancel).getFirst().get("r").equals("t");
    Row job = Jobs.find(session, id);
    if (!cancelled) {
      throw new CliException(
          ExitCode.ERROR,
          "job " + id + " is " + job.get("status") + ": there is nothing to cancel");
    }
    console.row(job, output());
    return ExitCode.SUCCESS;
  }
}
