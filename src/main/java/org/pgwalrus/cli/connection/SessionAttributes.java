package org.pgwalrus.cli.connection;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which of several servers will do: libpq's target_session_attrs. */
enum SessionAttributes {
  ANY,
  READ_WRITE,
  READ_ONLY,
  PRIMARY,
  STANDBY,
  PREFER_STANDBY;

  static SessionAttributes of(String name) {
    for (SessionAttributes one : values()) {
      if (one.spelling().equals(name)) {
        return one;
      }
    }
    throw new InvalidConnection(
        "target_session_attrs is none of "
            + Stream.of(values())
                .map(SessionAttributes::spelling)
                .collect(Collectors.joining(", ")));
  }

  private String spelling() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether a server will do that is in recovery or not, and whose transactions only read. */
  boolean suits(boolean inRecovery, boolean readOnly) {
    return switch (this) {
      case ANY -> true;
      case READ_WRITE -> !readOnly;
      case READ_ONLY -> readOnly;
      case PRIMARY -> !inRecovery;
      case STANDBY, PREFER_STANDBY -> inRecovery;
    };
  }
}
