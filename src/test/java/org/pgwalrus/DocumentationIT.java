package org.pgwalrus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.Skip;
import org.pgwalrus.cluster.TestCluster;

/** Every SQL command that the documents show can be run as it stands. */
class DocumentationIT {

  private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);

  private static TestCluster cluster;

  record Example(Path file, String sql) {
    @Override
    public String toString() {
      return file + ": " + sql.lines().findFirst().orElse("");
    }
  }

  @BeforeAll
  static void start() {
    cluster = TestCluster.create().startWithBaseline();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  static Stream<Example> examples() throws IOException {
    try (Stream<Path> docs = Files.list(Path.of("docs"))) {
      List<Path> files =
          Stream.concat(Stream.of(Path.of("README.md")), docs.sorted())
              .filter(file -> file.toString().endsWith(".md"))
              .toList();
      return files.stream().flatMap(DocumentationIT::examplesIn);
    }
  }

  private static Stream<Example> examplesIn(Path file) {
    try {
      return SQL.matcher(Files.readString(file))
          .results()
          .map(match -> new Example(file, match.group(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The README's way from a server without the library to a worker. */
  @Test
  void theInstallationLeadsToAWorker() throws IOException {
    String sql =
        examplesIn(Path.of("README.md"))
            .map(Example::sql)
            .filter(text -> text.contains("SET shared_preload_libraries"))
            .findFirst()
            .orElseThrow();
    String[] parts = sql.split("-- restart the server\n", 2);
    try (TestCluster fresh = TestCluster.create().set("shared_preload_libraries", "").start()) {
      assertThat(fresh.workerPid()).isZero();
      psql(fresh, parts[0]);
      fresh.restart();
      psql(fresh, parts[1]);
      fresh.awaitWorker(0, TestCluster.SOON);
      assertThat(fresh.status("worker_running")).isEqualTo("true");
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void runs(Example example) throws IOException {
    Skip.unless(
        !example.sql().contains("dblink")
            || cluster.value("SELECT 1 FROM pg_available_extensions WHERE name = 'dblink'") != null,
        "this server comes without dblink");
    // An example before may have ended the worker, which is then started again.
    cluster.awaitWorker(0, Duration.ofSeconds(60));
    cluster.execute("DROP EXTENSION IF EXISTS pg_walrus, steep_repl");
    if (!example.sql().contains("CREATE EXTENSION")) {
      cluster.execute("CREATE EXTENSION pg_walrus");
    }
    psql(cluster, example.sql());
  }

  private static void psql(TestCluster server, String sql) throws IOException {
    Path script = server.directory().resolve("example.sql");
    Files.writeString(script, sql);
    Programs.run(
        Installation.get()
            .command(
                "psql",
                "-X",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(server.port()),
                "-U",
                "postgres",
                "-d",
                "postgres",
                "-f",
                script.toString()));
  }
}
