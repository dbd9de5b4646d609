package org.pgwalrus.cluster;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Other databases of a cluster than postgres. */
public final class Databases {

  private Databases() {}

  /** A new connection as superuser. */
  public static Connection connect(TestCluster cluster, String database) throws SQLException {
    return DriverManager.getConnection(url(cluster, database));
  }

  private static String url(TestCluster cluster, String database) {
    return "jdbc:postgresql://127.0.0.1:"
        + cluster.port()
        + "/"
        + URLEncoder.encode(database, StandardCharsets.UTF_8)
        + "?user=postgres";
  }

  /** Makes a database in which jobs can run, with what statements make in it. */
  public static void create(TestCluster cluster, String name, String... statements) {
    cluster.execute("CREATE DATABASE \"" + name + "\"");
    execute(cluster, name, "CREATE EXTENSION steep_repl");
    for (String statement : statements) {
      execute(cluster, name, statement);
    }
  }

  /** Runs a statement. */
  public static void execute(TestCluster cluster, String database, String sql) {
    notices(cluster, database, sql);
  }

  /** Runs a statement and returns the messages that came with it. */
  public static List<String> notices(TestCluster cluster, String database, String sql) {
    try (Connection connection = connect(cluster, database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      List<String> notices = new ArrayList<>();
      SQLWarning warning = statement.getWarnings();
      while (warning != null) {
        notices.add(warning.getMessage());
        warning = warning.getNextWarning();
      }
      return notices;
    } catch (SQLException e) {
      throw new IllegalStateException(sql + "\n" + cluster.log(), e);
    }
  }

  /** The first value of the first row as text, null where there is none. */
  public static @Nullable String value(TestCluster cluster, String database, String sql) {
    try {
      return Query.value(url(cluster, database), sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + "\n" + cluster.log(), e);
    }
  }

  /** Dumps a database and restores it into an empty one. */
  public static void copy(TestCluster cluster, String from, String to) {
    String dump = cluster.data().resolve(from + ".dump").toString();
    Programs.run(command(cluster, "pg_dump", "-Fc", "-f", dump, from));
    Programs.run(command(cluster, "pg_restore", "-e", "-d", to, dump));
  }

  /** Makes an empty database that has the schema of another. */
  public static void copySchema(TestCluster cluster, String from, String to) {
    String dump = cluster.data().resolve(from + ".schema").toString();
    Programs.run(command(cluster, "pg_dump", "-Fc", "-s", "-f", dump, from));
    Programs.run(command(cluster, "pg_restore", "-e", "-d", to, dump));
  }

  /** What pg_dump writes of a database. */
  public static String dump(TestCluster cluster, String database, String... options) {
    List<String> command = command(cluster, "pg_dump", options);
    command.add(database);
    return Programs.run(command);
  }

  /** The command line of a client program that connects as superuser. */
  public static List<String> command(TestCluster cluster, String program, String... arguments) {
    List<String> command = new ArrayList<>(Installation.get().command(program));
    command.addAll(List.of("-h", "127.0.0.1", "-p", String.valueOf(cluster.port())));
    command.addAll(List.of("-U", "postgres"));
    command.addAll(List.of(arguments));
    return command;
  }
}
