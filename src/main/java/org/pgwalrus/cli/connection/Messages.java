package org.pgwalrus.cli.connection;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What the driver's exceptions say, on one line. */
final class Messages {

  private Messages() {}

  /** The message, and the reasons that it does not repeat. */
  static String withCauses(SQLException e) {
    StringBuilder text = new StringBuilder();
    for (@Nullable Throwable one = e; one != null; one = one.getCause()) {
      String message = String.valueOf(one.getMessage()).replaceAll("\\s+", " ").strip();
      if (one.getMessage() != null && text.indexOf(message) < 0) {
        text.append(text.isEmpty() ? "" : ": ").append(message);
      }
    }
    return text.toString();
  }
}
