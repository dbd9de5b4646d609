package org.pgwalrus.cli.progress;

import java.sql.SQLException;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.ServerError;

/** The server refuses to tell of an operation, or to cancel it. */
final class FollowingFailed extends CliException {

  private static final long serialVersionUID = 1;

  FollowingFailed(String id, SQLException cause) {
    super(
        exitCode(cause),
        "cannot follow operation " + id + ": " + cause.getMessage(),
        "It goes on; look at it with steep-repl snapshot show " + id + ".",
        cause);
  }

  /** What is cancelled is a look at the operation, and not the operation. */
  private static int exitCode(SQLException cause) {
    int code = new ServerError(cause).exitCode();
    return code == ExitCode.CANCELLED ? ExitCode.ERROR : code;
  }
}
