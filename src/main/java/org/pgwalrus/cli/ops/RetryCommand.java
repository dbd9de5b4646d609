package org.pgwalrus.cli.ops;

import java.sql.SQLException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.DatabaseCommand;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.FunctionCall;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Tries a job again. */
@Command(name = "retry", description = "Queues a failed or cancelled job again, as a new one.")
final class RetryCommand extends DatabaseCommand {

  @Parameters(paramLabel = "ID", description = "the number of the job")
  long id;

  @Override
  protected Requirement requirement() {
    return Requirement.ofJob("retry_operation");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    FunctionCall retry = new FunctionCall("retry_operation").with("p_id", "bigint", id);
    console.row(Row.of(session.connection(), retry).getFirst(), output());
    return ExitCode.SUCCESS;
  }
}
