package org.pgwalrus.cli;

import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that needs the extension of some database. */
public abstract class DatabaseCommand implements Callable<Integer> {

  @Spec CommandSpec spec;

  /** What it needs there. */
  protected abstract Requirement requirement();

  /** Does it, and returns the exit code. */
  protected abstract int run(Session session, Console console) throws SQLException;

  protected final OutputOptions output() {
    return SteepRepl.of(spec).output;
  }

  @Override
  public final Integer call() {
    Console console = new Console(spec.commandLine());
    ConnectionOptions connection = SteepRepl.of(spec).connection;
    try (Session session = Session.open(connection, requirement(), output().isDebug(), console)) {
      return run(session, console);
    } catch (SQLException e) {
      throw new ServerError(e);
    }
  }
}
