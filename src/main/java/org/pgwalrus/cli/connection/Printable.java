package org.pgwalrus.cli.connection;

/** What of the user's words messages may repeat, as some of them are secrets in a wrong place. */
final class Printable {

  private static final String HIDDEN = "...";

  private Printable() {}

  /** A misplaced quote may turn a part of a password into a keyword. */
  static String keyword(String keyword) {
    return keyword.matches("[a-z_]{1,40}") ? keyword : HIDDEN;
  }

  /** A connection string may have been given for the name of a connection. */
  static String name(String name) {
    return name.matches("[\\p{L}\\p{N}_. -]{1,40}") ? name : HIDDEN;
  }

  /** The same for the path of a file. */
  static boolean isConnection(String path) {
    return path.contains("://") || path.matches("(?s).*\\bpassword\\s*=.*");
  }
}
