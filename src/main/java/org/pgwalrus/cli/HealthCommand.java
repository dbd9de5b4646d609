package org.pgwalrus.cli;

import java.sql.SQLException;
import picocli.CommandLine.Command;

/** Tells whether jobs can run. */
@Command(name = "health", description = "Tells whether jobs can run in the database, and why not.")
final class HealthCommand extends DatabaseCommand {

  @Override
  protected Requirement requirement() {
    return Requirement.of("health");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    Row health = Row.of(session.connection(), new FunctionCall("health")).getFirst();
    console.row(health, output());
    return health.get("status").equals("unhealthy") ? ExitCode.UNAVAILABLE : ExitCode.SUCCESS;
  }
}
