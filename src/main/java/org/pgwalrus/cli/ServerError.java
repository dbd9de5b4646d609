package org.pgwalrus.cli;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.connection.ConnectionFailure;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What the server has refused, in its own words. */
public final class ServerError extends CliException {

  private static final long serialVersionUID = 1;

  /** The server's function that loads libraries, in dfmgr.c. */
  private static final String LOADER = "internal_load_library";

  public ServerError(SQLException cause) {
    super(exitCode(cause), message(cause), hint(cause), cause);
  }

  private static int exitCode(SQLException e) {
    if (ConnectionFailure.isOne(e)) {
      return ExitCode.CONNECTION;
    }
    return switch (String.valueOf(e.getSQLState())) {
      // What was asked for makes no sense, or the path is not one for snapshots.
      case "22004", "22023", "58P02", "22007", "22008" -> ExitCode.INVALID_ARGUMENTS;
      // A file that is missing may be the library.
      case "58P01" -> isOfLoader(e) ? ExitCode.UNAVAILABLE : ExitCode.INVALID_ARGUMENTS;
      // Somebody has cancelled the statement, or a setting of the session has.
      case "57014" -> ExitCode.CANCELLED;
      case "SR001" -> ExitCode.TIMEOUT;
      // The functions are those of another version.
      case "42883" -> ExitCode.UNAVAILABLE;
      // The files of a snapshot are not as they were written.
      case "SR003" -> ExitCode.OPERATION_FAILED;
      default -> ExitCode.ERROR;
    };
  }

  private static boolean isOfLoader(SQLException e) {
    ServerErrorMessage said = said(e);
    return said != null && LOADER.equals(said.getRoutine());
  }

  private static String message(SQLException e) {
    ServerErrorMessage said = said(e);
    if (said == null || said.getMessage() == null) {
      return String.valueOf(e.getMessage());
    }
    return said.getDetail() == null
        ? said.getMessage()
        : said.getMessage() + "\n" + said.getDetail();
  }

  private static @Nullable String hint(SQLException e) {
    ServerErrorMessage said = said(e);
    return said == null ? null : said.getHint();
  }

  private static @Nullable ServerErrorMessage said(SQLException e) {
    return e instanceof PSQLException server ? server.getServerErrorMessage() : null;
  }
}
