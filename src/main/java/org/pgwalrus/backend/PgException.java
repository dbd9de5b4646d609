package org.pgwalrus.backend;

/** An error that the server raised while serving a call; its transaction has been rolled back. */
public final class PgException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String sqlState;
  private final String detail;
  private final String hint;

  /** The texts of the server's error; detail and hint may be empty. */
  public PgException(String sqlState, String message, String detail, String hint) {
    super(message);
    this.sqlState = sqlState;
    this.detail = detail;
    this.hint = hint;
  }

  /** The five characters of the SQLSTATE. */
  public String sqlState() {
    return sqlState;
  }

  /** The primary message of the server's error. */
  public String message() {
    return String.valueOf(getMessage());
  }

  /** The detail, or an empty string. */
  public String detail() {
    return detail;
  }

  /** The hint, or an empty string. */
  public String hint() {
    return hint;
  }
}
