package org.pgwalrus.cli;

/** How the program ended, for scripts. */
public final class ExitCode {

  public static final int SUCCESS = 0;
  public static final int ERROR = 1;
  public static final int INVALID_ARGUMENTS = 2;
  public static final int CANCELLED = 4;
  public static final int TIMEOUT = 5;
  public static final int CONNECTION = 6;

  /** The extension, its worker, a function of it, or the daemon is missing. */
  public static final int UNAVAILABLE = 7;

  /** The server did what it was told, and that ended badly, or files were found damaged. */
  public static final int OPERATION_FAILED = 8;

  private ExitCode() {}
}
