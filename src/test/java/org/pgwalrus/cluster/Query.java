package org.pgwalrus.cluster;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Questions to servers, each in a session of its own. Those that are asked again and again keep
 * theirs, as to open one takes the server longer than to answer.
 */
final class Query {

  private static final ThreadLocal<@Nullable Map<String, Connection>> KEPT = new ThreadLocal<>();

  private Query() {}

  /** The first value of the first row as text, null where there is none. */
  static @Nullable String value(String url, String sql) throws SQLException {
    List<@Nullable String> values = column(url, sql);
    return values.isEmpty() ? null : values.getFirst();
  }

  /** The first column of all rows as text. */
  static List<@Nullable String> column(String url, String sql) throws SQLException {
    Map<String, Connection> kept = KEPT.get();
    if (kept == null) {
      try (Connection connection = DriverManager.getConnection(url)) {
        return column(connection, sql);
      }
    }
    Connection old = kept.remove(url);
    if (old != null) {
      try {
        List<@Nullable String> answer = column(old, sql);
        kept.put(url, old);
        return answer;
      } catch (SQLException e) {
        // The server may have been restarted: a new session decides.
        old.close();
      }
    }
    Connection connection = DriverManager.getConnection(url);
    kept.put(url, connection);
    return column(connection, sql);
  }

  private static List<@Nullable String> column(Connection connection, String sql)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<@Nullable String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  /** Asks what is asked again and again in sessions that end with it. */
  static boolean repeatedly(BooleanSupplier asking) {
    if (KEPT.get() != null) {
      return asking.getAsBoolean();
    }
    Map<String, Connection> kept = new HashMap<>();
    KEPT.set(kept);
    try {
      return asking.getAsBoolean();
    } finally {
      KEPT.remove();
      kept.values().forEach(Query::close);
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // It is gone anyway.
    }
  }
}
