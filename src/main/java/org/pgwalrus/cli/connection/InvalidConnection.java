package org.pgwalrus.cli.connection;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.ExitCode;

/**
 * A connection string, environment or file that means nothing. The message names places and
 * keywords and never repeats the text, a part of which may be a password.
 */
final class InvalidConnection extends CliException {

  private static final long serialVersionUID = 1;

  InvalidConnection(String message) {
    super(ExitCode.INVALID_ARGUMENTS, message);
  }

  InvalidConnection(String message, @Nullable String hint) {
    super(ExitCode.INVALID_ARGUMENTS, message, hint);
  }
}
