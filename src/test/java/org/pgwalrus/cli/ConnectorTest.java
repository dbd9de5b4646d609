package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.cli.connection.Configuration;
import org.pgwalrus.cli.connection.ConnectionFailure;
import org.pgwalrus.cli.connection.Connector;
import org.pgwalrus.cli.connection.Retry;
import org.pgwalrus.cli.connection.Surroundings;
import org.pgwalrus.cli.connection.Target;

/** When a password is asked for, of which a server only knows that it came. */
class ConnectorTest {

  private static final Retry TWICE = new Retry(2, Duration.ZERO, Duration.ZERO);

  @TempDir Path home;
  private RehearsalServer server;

  @BeforeEach
  void start() throws IOException {
    server = new RehearsalServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private Connector connector(String command, Connector.Sleeper sleeper) throws IOException {
    Path file =
        Files.writeString(
            home.resolve("c.yaml"),
            """
            connections:
              default:
                host: 127.0.0.1,127.0.0.1
                port: 1,%d
                password_command: %s
            """
                .formatted(server.port(), command));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    String user = System.getProperty("user.name");
    Surroundings surroundings = new Surroundings(Map.of(), user, home, home, List.of(home));
    Configuration configuration = new Configuration(file.toString(), null);
    return new Connector(Target.resolve(null, configuration, surroundings, warning -> {}), sleeper);
  }

  /** One that has an end would be refused when a lost connection is replaced. */
  @Test
  void eachSessionAsksForThePasswordOnce() throws IOException, SQLException {
    Path asked = home.resolve("asked");
    Connector connector =
        connector("[sh, -c, 'echo >> \"$0\"; echo p', '" + asked + "']", pause -> {});

    for (int times = 1; times < 3; times++) {
      connector.open(Retry.ONCE).close();
      assertThat(Files.readAllLines(asked)).hasSize(times);
    }
  }

  @Test
  void whatHasGivenThePasswordOnceIsWaitedFor() throws IOException, SQLException {
    Path token = home.resolve("token");
    Connector connector = connector("cat " + token, pause -> write(token));
    assertThatExceptionOfType(ConnectionFailure.class)
        .isThrownBy(() -> connector.open(TWICE))
        .withMessageContaining("has failed with exit code 1");

    write(token);
    connector.open(TWICE).close();
    Files.delete(token);
    connector.open(TWICE).close();
  }

  private static void write(Path file) {
    try {
      Files.writeString(file, "p");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
