package org.pgwalrus.cli.connection;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;

/** Opens sessions: tries the hosts in their order, and again where the network is what failed. */
public final class Connector {

  /** Sleeps, for as long as nobody wants the program to end. */
  @FunctionalInterface
  public interface Sleeper {
    void sleep(Duration pause);
  }

  private static final String ATTRIBUTES =
      "SELECT pg_catalog.pg_is_in_recovery(),"
          + " pg_catalog.current_setting('transaction_read_only') = 'on'";

  private static final String WITHHELD =
      " The password_command was not run, as host, port or user are not from its own connection.";

  private final Driver driver = new Driver();
  private final Target target;
  private final Sleeper sleeper;

  /** What could be done before may fail for a while: the password's program needs a network too. */
  private volatile boolean wasOpen;

  public Connector(Target target, Sleeper sleeper) {
    this.target = target;
    this.sleeper = sleeper;
  }

  /** Opens a session, as patiently as is said. */
  public Connection open(Retry retry) {
    return open(retry, new Properties());
  }

  /** The same, for somebody who waits no longer than so many seconds for the server's answer. */
  public Connection open(Retry retry, int seconds) {
    Properties limits = new Properties();
    limits.setProperty("connectTimeout", String.valueOf(seconds));
    limits.setProperty("loginTimeout", String.valueOf(seconds));
    return open(retry, limits);
  }

  private Connection open(Retry retry, Properties more) {
    // A password may have an end: it is asked for again when the next session is opened.
    PasswordCommand password = target.passwordCommand();
    for (int attempt = 1; ; attempt++) {
      try {
        Connection connection = openAny(password, more);
        wasOpen = true;
        return connection;
      } catch (ConnectionFailure e) {
        if (attempt >= retry.attempts() || !wasOpen) {
          throw e;
        }
        sleeper.sleep(retry.pauseAfter(attempt));
      } catch (SQLException e) {
        if (attempt >= retry.attempts() || !ConnectionFailure.isOne(e)) {
          throw new ConnectionFailure(
              "failed to connect to " + target + ": " + Messages.withCauses(e), hint(e), e);
        }
        sleeper.sleep(retry.pauseAfter(attempt));
      }
    }
  }

  private String hint(SQLException e) {
    if (ConnectionFailure.isOne(e)) {
      return "Check that the server runs there, and the host and port of --connection or PGHOST and"
          + " PGPORT.";
    }
    return "Check user, password, database, sslmode and the server's pg_hba.conf."
        + (isAboutPassword(e) && target.withholdsPassword() ? WITHHELD : "");
  }

  /** The driver has a state of its own for a password that is asked for and not there. */
  private static boolean isAboutPassword(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("28") || state.equals("08004");
  }

  private Connection openAny(PasswordCommand password, Properties more) throws SQLException {
    SessionAttributes wanted = target.sessionAttributes();
    Optional<Connection> found = openSuitable(wanted, password, more);
    if (found.isEmpty() && wanted == SessionAttributes.PREFER_STANDBY) {
      found = openSuitable(SessionAttributes.ANY, password, more);
    }
    return found.orElseThrow(() ->
        new ConnectionFailure(
            "no server has the wanted target_session_attrs, of " + target, null, null));
  }

  private Optional<Connection> openSuitable(
      SessionAttributes wanted, PasswordCommand password, Properties more) throws SQLException {
    List<SQLException> failures = new ArrayList<>();
    boolean reachedOne = false;
    for (Host host : target.hosts()) {
      try {
        Connection connection = connect(host, password, more);
        if (isSuitable(connection, wanted)) {
          return Optional.of(connection);
        }
        connection.close();
        reachedOne = true;
      } catch (SQLException e) {
        failures.add(e);
        if (!ConnectionFailure.isOne(e)) {
          break;
        }
      }
    }
    if (!reachedOne) {
      throw failures.getLast();
    }
    return Optional.empty();
  }

  private Connection connect(Host host, PasswordCommand password, Properties more)
      throws SQLException {
    Properties properties = target.properties(host, password);
    more.stringPropertyNames().stream()
        .filter(name -> !properties.containsKey(name))
        .forEach(name -> properties.setProperty(name, more.getProperty(name)));
    String address = host.socket().isPresent() ? "localhost" : address(host.name());
    Connection connection =
        driver.connect(
            "jdbc:postgresql://" + address + ":" + host.port() + "/" + encode(target.database()),
            properties);
    if (connection == null) {
      throw new SQLException("the driver does not know the address " + host, "08001");
    }
    return connection;
  }

  private static String address(String name) {
    return name.contains(":") ? "[" + name + "]" : name;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static boolean isSuitable(Connection connection, SessionAttributes wanted)
      throws SQLException {
    if (wanted == SessionAttributes.ANY) {
      return true;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(ATTRIBUTES)) {
      row.next();
      return wanted.suits(row.getBoolean(1), row.getBoolean(2));
    }
  }

  /** The database, for messages. */
  public String database() {
    return target.database();
  }

  @Override
  public String toString() {
    return target.toString();
  }
}
