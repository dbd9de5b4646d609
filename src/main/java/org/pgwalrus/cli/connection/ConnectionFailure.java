package org.pgwalrus.cli.connection;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.ExitCode;

/** No server could be connected to. */
public final class ConnectionFailure extends CliException {

  private static final long serialVersionUID = 1;

  /** Too many sessions; the server starts up, shuts down, or has just crashed. */
  private static final Set<String> PASSING = Set.of("53300", "57P01", "57P02", "57P03");

  ConnectionFailure(String message, @Nullable String hint, @Nullable SQLException cause) {
    super(ExitCode.CONNECTION, message, hint, cause);
  }

  /** Whether the connection is what failed, rather than what was asked for. */
  public static boolean isOne(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    // 08004: the server has refused the client, which it will do again.
    return (state.startsWith("08") && !state.equals("08004")) || PASSING.contains(state);
  }
}
