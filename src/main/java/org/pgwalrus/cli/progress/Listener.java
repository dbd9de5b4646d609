package org.pgwalrus.cli.progress;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.connection.Connector;
import org.pgwalrus.cli.connection.Retry;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * A session that listens. The server keeps for it what it has not yet taken, so that it may be
 * opened before the operation has an id. When it is lost another one is tried, ever more rarely.
 */
public final class Listener implements Announcements, AutoCloseable {

  private static final String LISTEN = "LISTEN steep_repl_progress";
  private static final Retry BACK_OFF =
      new Retry(Integer.MAX_VALUE, Duration.ofSeconds(1), Duration.ofSeconds(30));
  private static final int CONNECT_SECONDS = 2;

  private final Connector connector;
  private final Connector.Sleeper sleeper;
  private final LongSupplier clock;
  private @Nullable Connection connection;
  private int failures;
  private long nextTry;

  private Listener(
      Connector connector,
      Connector.Sleeper sleeper,
      LongSupplier clock,
      @Nullable Connection connection) {
    this.connector = connector;
    this.sleeper = sleeper;
    this.clock = clock;
    this.connection = connection;
  }

  /** Listens from now on. */
  public static Listener open(Connector connector, Connector.Sleeper sleeper, LongSupplier clock) {
    return new Listener(connector, sleeper, clock, listen(connector.open(Retry.PATIENT)));
  }

  private static Connection listen(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(LISTEN);
      return connection;
    } catch (SQLException e) {
      closeQuietly(connection);
      throw new CliException(ExitCode.CONNECTION, "cannot listen for progress", null, e);
    }
  }

  @Override
  public List<Announcement> await(Duration limit) {
    Connection session = session();
    if (session == null) {
      sleeper.sleep(limit);
      return List.of();
    }
    try {
      return announcements(
          session.unwrap(PGConnection.class).getNotifications((int) limit.toMillis()));
    } catch (SQLException e) {
      lose();
      return List.of();
    }
  }

  private static List<Announcement> announcements(PGNotification @Nullable [] notifications) {
    List<Announcement> all = new ArrayList<>();
    for (PGNotification one : notifications == null ? new PGNotification[0] : notifications) {
      Optional<Announcement> announcement = Announcement.parse(one.getParameter());
      announcement.ifPresent(all::add);
    }
    return all;
  }

  private @Nullable Connection session() {
    if (connection == null && clock.getAsLong() - nextTry >= 0) {
      try {
        connection = listen(connector.open(Retry.ONCE, CONNECT_SECONDS));
        failures = 0;
      } catch (CliException e) {
        lose();
      }
    }
    return connection;
  }

  private void lose() {
    close();
    connection = null;
    failures++;
    nextTry = clock.getAsLong() + BACK_OFF.pauseAfter(failures).toNanos();
  }

  @Override
  public void close() {
    if (connection != null) {
      closeQuietly(connection);
    }
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // It is lost anyway.
    }
  }
}
