package org.pgwalrus.snapshot;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;

/**
 * What makes two databases equal, for a test to compare: the number and the hash of the rows of
 * each table, the values of sequences, and the schema as pg_dump tells it.
 */
public record DatabaseImage(
    Map<String, String> tables, Map<String, String> sequences, List<String> schema) {

  private static final String RELATIONS =
      "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c"
          + " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
          + " WHERE c.relpersistence = 'p' AND n.nspname !~ '^pg_'"
          + " AND n.nspname NOT IN ('information_schema', 'steep_repl', 'walrus')"
          + " AND c.relkind = ";

  /** Sums of hashes do not depend on the order of rows. */
  private static final String ROWS =
      "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(\"the row\"::text, 0)::numeric), 0)"
          + " FROM ONLY # AS \"the row\"";

  private static final String SEQUENCE = "SELECT last_value || ' ' || is_called FROM #";

  /** Reads one. */
  public static DatabaseImage of(TestCluster cluster, String database) {
    try (Connection connection = Databases.connect(cluster, database)) {
      return new DatabaseImage(
          values(connection, "r", ROWS),
          values(connection, "S", SEQUENCE),
          schema(cluster, database));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> values(Connection connection, String kind, String sql)
      throws SQLException {
    Map<String, String> values = new TreeMap<>();
    try (Statement list = connection.createStatement();
        ResultSet relations = list.executeQuery(RELATIONS + "'" + kind + "'");
        Statement statement = connection.createStatement()) {
      while (relations.next()) {
        String name = relations.getString(1);
        try (ResultSet value = statement.executeQuery(sql.replace("#", name))) {
          value.next();
          values.put(name, value.getString(1));
        }
      }
    }
    return values;
  }

  /** Without the lines that pg_dump makes anew each time. */
  private static List<String> schema(TestCluster cluster, String database) {
    return Databases.dump(cluster, database, "--schema-only", "-N", "steep_repl")
        .lines()
        .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
        .toList();
  }
}
