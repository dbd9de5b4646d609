package org.pgwalrus.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row of a result as text, and as the server writes it in JSON: its keys are the names of the
 * columns.
 */
public record Row(Map<String, @Nullable String> columns, String json) {

  static final String ROWS = "SELECT to_json(r) AS json, r.* FROM %s AS r";

  /** The rows that a function returns. */
  public static List<Row> of(Connection connection, FunctionCall call) throws SQLException {
    try (PreparedStatement statement = call.prepare(connection, ROWS)) {
      return of(statement);
    }
  }

  /** The row of a table whose key has a value. */
  public static Optional<Row> of(Connection connection, String table, String key, Object value)
      throws SQLException {
    String query = ROWS.formatted("steep_repl." + table) + " WHERE r." + key + " = ?";
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setObject(1, value);
      return of(statement).stream().findFirst();
    }
  }

  static List<Row> of(PreparedStatement statement) throws SQLException {
    List<Row> all = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      ResultSetMetaData about = rows.getMetaData();
      while (rows.next()) {
        Map<String, @Nullable String> columns = new LinkedHashMap<>();
        for (int i = 2; i <= about.getColumnCount(); i++) {
          columns.put(about.getColumnLabel(i), rows.getString(i));
        }
        all.add(new Row(columns, rows.getString(1)));
      }
    }
    return all;
  }

  /** A value, empty where it is null. */
  public String get(String column) {
    String value = columns.get(column);
    return value == null ? "" : value;
  }

  /** A number, 0 where it is null. */
  public long number(String column) {
    return get(column).isEmpty() ? 0 : Long.parseLong(get(column));
  }

  /** All of them as one JSON document. */
  public static String json(List<Row> rows) {
    return rows.isEmpty()
        ? "[]"
        : "[" + String.join(",\n ", rows.stream().map(Row::json).toList()) + "]";
  }
}
