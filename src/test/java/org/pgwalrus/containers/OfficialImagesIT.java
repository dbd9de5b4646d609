package org.pgwalrus.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Wait;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Builds the library inside the official image of each major version and lets the worker size a
 * server there. Takes minutes an image, so {@code make check-containers} asks for it.
 */
@Tag("containers")
class OfficialImagesIT {

  @BeforeAll
  static void needsAContainerEngine() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      skip("no container engine answers on this machine");
    }
    if (System.getenv("WALRUS_CONTAINERS") == null) {
      skip("make check-containers runs it");
    }
  }

  private static void skip(String reason) {
    System.out.println("skipped " + OfficialImagesIT.class.getSimpleName() + ": " + reason);
    abort(reason);
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 16, 17, 18, 19})
  @Timeout(900)
  void sizesAServerOfTheOfficialImage(int major) throws SQLException {
    try (PostgreSQLContainer server = new PostgreSQLContainer(image(major))) {
      server.withCommand(
          "postgres",
          "-cshared_preload_libraries=pg_walrus",
          "-ccheckpoint_timeout=30s",
          "-cwalrus.sample_interval_sec=1");
      server.start();
      try (Connection connection =
          DriverManager.getConnection(
              server.getJdbcUrl(), server.getUsername(), server.getPassword())) {
        execute(connection, "ALTER SYSTEM SET max_wal_size = '64MB'");
        execute(connection, "SELECT pg_reload_conf()");
        Wait.until("growth", Duration.ofMinutes(2), () -> grownUnderLoad(connection));
      }
      assertThat(server.getLogs()).contains("pg_walrus: resizing max_wal_size from 64 MB");
    }
  }

  private static DockerImageName image(int major) {
    String tag = major == 19 ? "19rc1" : String.valueOf(major);
    Path tree = Path.of("").toAbsolutePath();
    String name =
        new ImageFromDockerfile("pg_walrus-test:" + major, false)
            .withFileFromString("Dockerfile", dockerfile(tag, major))
            .withFileFromPath("tree/native", tree.resolve("native"))
            .withFileFromPath("tree/sql", tree.resolve("sql"))
            .withFileFromPath("tree/src/tools", tree.resolve("src/tools"))
            .withFileFromPath("tree/Makefile", tree.resolve("Makefile"))
            .withFileFromPath("tree/target/native", tree.resolve("target/native"))
            .withFileFromPath("tree/target/lib", tree.resolve("target/lib"))
            .withFileFromPath("tree/target/pg_walrus.jar", tree.resolve("target/pg_walrus.jar"))
            .get();
    return DockerImageName.parse(name).asCompatibleSubstituteFor("postgres");
  }

  private static String dockerfile(String tag, int major) {
    return """
    FROM eclipse-temurin:25-jdk AS jdk
    FROM postgres:%1$s
    RUN apt-get update && apt-get install -y --no-install-recommends \\
        gcc libc6-dev make libkrb5-dev postgresql-server-dev-%2$d
    COPY --from=jdk /opt/java/openjdk /usr/lib/jvm/jdk-25
    ENV JAVA_HOME=/usr/lib/jvm/jdk-25
    COPY tree /build
    RUN cd /build && touch target/pg_walrus.jar target/native/* && make library install-only
    """
        .formatted(tag, major);
  }

  private static boolean grownUnderLoad(Connection connection) {
    try {
      execute(
          connection,
          "SELECT pg_logical_emit_message(false, 'test', repeat('x', 1024 * 1024))"
              + " FROM generate_series(1, 40)");
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "SELECT setting::int > 64 FROM pg_settings WHERE name = 'max_wal_size'")) {
        return rows.next() && rows.getBoolean(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
