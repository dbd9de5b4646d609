package org.pgwalrus.cli;

import org.jspecify.annotations.Nullable;

/** Ends the program with a message, a hint that says what to do, and an exit code. */
public class CliException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int exitCode;
  private final @Nullable String hint;

  public CliException(int exitCode, String message) {
    this(exitCode, message, null, null);
  }

  public CliException(int exitCode, String message, @Nullable String hint) {
    this(exitCode, message, hint, null);
  }

  public CliException(
      int exitCode, String message, @Nullable String hint, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
    this.hint = hint;
  }

  public int exitCode() {
    return exitCode;
  }

  public @Nullable String hint() {
    return hint;
  }
}
