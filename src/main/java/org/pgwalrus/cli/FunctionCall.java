package org.pgwalrus.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call of a function of the extension, by the names of its arguments: those that the user has not
 * given are left out, so that the server's defaults count.
 */
public final class FunctionCall {

  private record Argument(String name, String type, Object value) {}

  private final String function;
  private final List<Argument> arguments = new ArrayList<>();

  public FunctionCall(String function) {
    this.function = function;
  }

  /** Adds an argument unless it is null or an empty list. */
  public FunctionCall with(String name, String type, @Nullable Object value) {
    if (value != null && !(value instanceof List<?> list && list.isEmpty())) {
      arguments.add(new Argument(name, type, value));
    }
    return this;
  }

  /** As it stands in a statement. */
  String sql() {
    return "steep_repl."
        + function
        + "("
        + String.join(
            ", ",
            arguments.stream()
                .map(argument -> argument.name() + " => ?::" + argument.type())
                .toList())
        + ")";
  }

  /** A statement in which {@code %s} stands for the call. */
  PreparedStatement prepare(Connection connection, String statement) throws SQLException {
    PreparedStatement prepared = connection.prepareStatement(statement.formatted(sql()));
    for (int i = 0; i < arguments.size(); i++) {
      Object value = arguments.get(i).value();
      if (value instanceof List<?> list) {
        prepared.setArray(i + 1, connection.createArrayOf("text", list.toArray()));
      } else {
        prepared.setObject(i + 1, value);
      }
    }
    return prepared;
  }
}
