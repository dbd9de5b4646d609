package org.pgwalrus.cluster;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** A session that listens on a channel and keeps what it hears. */
public final class Listener implements AutoCloseable {

  private static final int POLL_MILLIS = 200;

  private final TestCluster cluster;
  private final Connection connection;
  private final List<String> heard = new ArrayList<>();

  private Listener(TestCluster cluster, Connection connection) {
    this.cluster = cluster;
    this.connection = connection;
  }

  /** Listens in the database postgres. */
  public static Listener on(TestCluster cluster, String channel) throws SQLException {
    return on(cluster, "postgres", channel);
  }

  /** Listens in a database. */
  public static Listener on(TestCluster cluster, String database, String channel)
      throws SQLException {
    Connection connection = Databases.connect(cluster, database);
    try (Statement statement = connection.createStatement()) {
      statement.execute("LISTEN \"" + channel.replace("\"", "\"\"") + "\"");
    }
    return new Listener(cluster, connection);
  }

  /** Waits for an event and returns its payload. */
  public String await(String event, Duration limit) {
    Wait.until(
        () -> "heard no \"" + event + "\" but " + heard + "\n" + cluster.log(),
        limit,
        () -> payloads().stream().anyMatch(payload -> isOf(payload, event)));
    return heard.stream().filter(payload -> isOf(payload, event)).toList().getLast();
  }

  /** What has been heard up to now, the oldest first. */
  public List<String> payloads() {
    try {
      PGNotification[] more = connection.unwrap(PGConnection.class).getNotifications(POLL_MILLIS);
      while (more != null && more.length > 0) {
        for (PGNotification one : more) {
          heard.add(one.getParameter());
        }
        more = connection.unwrap(PGConnection.class).getNotifications();
      }
      return List.copyOf(heard);
    } catch (SQLException e) {
      throw new IllegalStateException(cluster.log(), e);
    }
  }

  private boolean isOf(String payload, String event) {
    return JsonText.of(cluster, payload).get("event").equals(event);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
