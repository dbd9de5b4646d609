package org.pgwalrus.cli;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.connection.Connector;
import org.pgwalrus.cli.connection.Retry;
import org.pgwalrus.cli.connection.Surroundings;
import org.pgwalrus.cli.connection.Target;

/**
 * A connection to a server that can do what the command needs. The way to it is direct, by SQL; a
 * daemon would be the other way, which this version does not have.
 */
public final class Session implements AutoCloseable {

  static final Retry DETECTION = new Retry(3, Duration.ofSeconds(1), Duration.ofSeconds(2));
  static final int DETECTION_SECONDS = 5;
  private static final int ANSWER_MILLIS = 30_000;
  private static final String NO_DAEMON = "this version of steep-repl has no daemon mode";

  private final Connector connector;
  private Connection connection;

  private Session(Connector connector, Connection connection) {
    this.connector = connector;
    this.connection = connection;
  }

  /** Connects, and looks whether the server can do it. */
  static Session open(
      ConnectionOptions options, Requirement requirement, boolean debug, Console console) {
    options.check();
    Target target =
        Target.resolve(
            options.connection,
            options.configuration(),
            Surroundings.ofProcess(),
            console::warning);
    Connector connector = new Connector(target, Session::sleep);
    Connection connection = options.direct ? connector.open(Retry.PATIENT) : detect(connector);
    try {
      ServerFacts facts = ServerFacts.of(connection, requirement);
      Optional<ServerFacts.Problem> problem = facts.problem(requirement, connector.database());
      if (problem.isPresent()) {
        throw unavailable(problem.get(), options.direct);
      } else if (debug) {
        console.note(describe(options.direct, facts, connector));
      }
      return new Session(connector, connection);
    } catch (SQLException e) {
      closeQuietly(connection);
      throw new ServerError(e);
    } catch (CliException e) {
      closeQuietly(connection);
      throw e;
    }
  }

  private static Connection detect(Connector connector) {
    try {
      return connector.open(DETECTION, DETECTION_SECONDS);
    } catch (CliException e) {
      throw new CliException(e.exitCode(), e.getMessage() + "; and " + NO_DAEMON, e.hint(), e);
    }
  }

  private static CliException unavailable(ServerFacts.Problem problem, boolean direct) {
    String what =
        direct
            ? problem.what()
            : "neither extension nor daemon can do this: " + problem.what() + "; and " + NO_DAEMON;
    return new CliException(ExitCode.UNAVAILABLE, what, problem.hint());
  }

  private static String describe(boolean direct, ServerFacts facts, Connector connector) {
    return "mode: direct ("
        + (direct ? "asked for" : "auto-detected")
        + "), "
        + connector
        + ", server "
        + facts.version()
        + ", extension "
        + facts.extension()
        + ", functions "
        + String.join(", ", facts.functions());
  }

  public Connection connection() {
    return connection;
  }

  public Connector connector() {
    return connector;
  }

  /** From now on a server that does not answer counts as lost. */
  public void limitAnswers() throws SQLException {
    connection.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
  }

  /** Opens another connection after this one has been lost. */
  public void reconnect() {
    closeQuietly(connection);
    connection = connector.open(Retry.PATIENT);
    try {
      limitAnswers();
    } catch (SQLException e) {
      throw new ServerError(e);
    }
  }

  @Override
  public void close() {
    closeQuietly(connection);
  }

  private static void closeQuietly(@Nullable Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      // The server notices by itself.
    }
  }

  /** Sleeps. */
  public static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
