package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.cli.Program.Result;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** All the ways to say where the server is, and all the ways in which it may ask who is there. */
class ConnectionIT {

  private static final String PASSWORD = "p@ss:w\\rd %'";
  private static final String IN_URI = "p%40ss%3Aw%5Crd%20%25%27";
  private static final String IN_PASSFILE = "p@ss\\:w\\\\rd %'";

  private static SnapshotServer server;
  private static TestCluster cluster;

  @TempDir Path home;

  @BeforeAll
  static void start() {
    server = SnapshotServer.start();
    cluster = server.cluster();
    makeCertificate();
    String user = System.getProperty("user.name");
    // The tests may be run by the user that the servers run as, whose role is there already.
    if (cluster.value("SELECT to_regrole('\"" + user + "\"')") == null) {
      cluster.execute("CREATE ROLE \"" + user + "\" LOGIN SUPERUSER");
    }
    cluster.execute("CREATE ROLE guarded LOGIN PASSWORD 'p@ss:w\\rd %'''");
    // The first line that fits counts, so that ours come before those that trust everybody.
    prependHba(
        """
        local all %s peer
        host all guarded 127.0.0.1/32 scram-sha-256
        """
            .formatted(user));
    cluster.set("ssl", "on");
    cluster.reload();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void makeCertificate() {
    Path key = cluster.data().resolve("server.key");
    Programs.run(
        List.of(
            "openssl",
            "req",
            "-new",
            "-x509",
            "-days",
            "2",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-out",
            certificate().toString(),
            "-keyout",
            key.toString()));
    Installation.get().give(key);
    Installation.get().give(certificate());
    Programs.run(List.of("chmod", "600", key.toString()));
  }

  private static Path certificate() {
    return cluster.data().resolve("server.crt");
  }

  private static void prependHba(String lines) {
    Path file = cluster.data().resolve("pg_hba.conf");
    try {
      Files.writeString(file, lines + Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Result list(Map<String, String> environment, String... connection) {
    List<String> words = new ArrayList<>(List.of("snapshot", "list", "--json", "--direct"));
    if (connection.length > 0) {
      words.addAll(List.of("-c", connection[0]));
    }
    return run(environment, words.toArray(String[]::new));
  }

  private Result run(Map<String, String> environment, String... words) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("HOME", home.toString());
    return Program.run(all, words);
  }

  private static void assertConnected(Result result) {
    assertThat(result.code()).as("%s", result).isZero();
    assertThat(result.out()).startsWith("[");
  }

  private String guarded() {
    return server.connection("").replace("user=postgres", "user=guarded");
  }

  @Test
  void aUriWillDo() {
    assertConnected(
        list(
            Map.of(),
            "postgresql://guarded:" + IN_URI + "@127.0.0.1:" + cluster.port() + "/postgres"));
    assertConnected(
        list(Map.of(), "postgres://postgres@localhost:" + cluster.port() + "/postgres"));
  }

  @Test
  void keywordsWillDo() {
    assertConnected(list(Map.of(), guarded() + "password='p@ss:w\\\\rd %\\''"));
  }

  @Test
  void theEnvironmentWillDo() {
    assertConnected(
        list(
            Map.of(
                "PGHOST", "127.0.0.1",
                "PGPORT", String.valueOf(cluster.port()),
                "PGDATABASE", "postgres",
                "PGUSER", "guarded",
                "PGPASSWORD", PASSWORD)));
  }

  @Test
  void thePasswordFileWillDoUnlessOthersMayReadIt() throws IOException {
    Path file =
        Files.writeString(
            home.resolve(".pgpass"), "127.0.0.1:*:postgres:guarded:" + IN_PASSFILE + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertConnected(list(Map.of(), guarded()));

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Result refused = list(Map.of(), guarded());
    assertThat(refused.code()).as("%s", refused).isEqualTo(ExitCode.CONNECTION);
    assertThat(refused.err()).contains("0600");
    assertConnected(list(Map.of("PGPASSWORD", PASSWORD), guarded()));
  }

  @Test
  void aServiceWillDo() throws IOException {
    Path file =
        Files.writeString(
            home.resolve("services"),
            "[here]\nhost=127.0.0.1\nport="
                + cluster.port()
                + "\nuser=postgres\ndbname=postgres\n");
    Map<String, String> environment = Map.of("PGSERVICEFILE", file.toString());
    assertConnected(list(environment, "service=here"));
    assertConnected(list(Map.of("PGSERVICEFILE", file.toString(), "PGSERVICE", "here")));
  }

  @Test
  void aConfigurationFileWillDo() throws IOException {
    Path directory = Files.createDirectories(home.resolve(".config/steep"));
    Path secret = Files.writeString(home.resolve("secret"), PASSWORD + "\n");
    Path file =
        Files.writeString(
            directory.resolve("config.yaml"),
            """
            connections:
              default: {host: 127.0.0.1, port: %d, database: postgres, user: postgres}
              guarded:
                host: 127.0.0.1
                port: %1$d
                database: postgres
                user: guarded
                password_command: cat %s
            """
                .formatted(cluster.port(), secret));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertConnected(list(Map.of("PGPORT", "1")));
    assertConnected(run(Map.of(), "snapshot", "list", "--json", "--profile", "guarded"));

    Path other = Files.copy(file, home.resolve("other.yaml"));
    Files.delete(file);
    assertConnected(list(Map.of("STEEP_REPL_CONFIG", other.toString())));
    assertConnected(run(Map.of(), "snapshot", "list", "--json", "--config", other.toString()));
    Files.delete(secret);
    Result refused = run(Map.of(), "health", "--config", other.toString(), "--profile", "guarded");
    assertThat(refused.code()).as("%s", refused).isEqualTo(ExitCode.CONNECTION);
    assertThat(refused.err())
        .contains("password_command \"cat\" has failed with exit code 1", "secret: No such file");
    Result unknown = run(Map.of(), "health", "--config", other.toString(), "--profile", "none");
    assertThat(unknown.code()).as("%s", unknown).isEqualTo(ExitCode.INVALID_ARGUMENTS);
    assertThat(unknown.err()).contains("has no profile \"none\"", "[default, guarded]");
  }

  private Result generate(Map<String, String> environment, String name, String more) {
    return run(
        environment,
        "snapshot",
        "generate",
        "-o",
        server.path(name),
        "-c",
        server.connection(more));
  }

  @Test
  void howMuchAtOnceMayBeInTheEnvironment() {
    Result refused = generate(Map.of("STEEP_REPL_PARALLEL", "many"), "much", "");
    assertThat(refused.code()).as("%s", refused).isEqualTo(ExitCode.INVALID_ARGUMENTS);
    assertThat(refused.err()).contains("STEEP_REPL_PARALLEL is not a number");
    Result unset = generate(Map.of("STEEP_REPL_PARALLEL", ""), "fast-usual", "");
    assertThat(unset.code()).as("%s", unset).isZero();
  }

  /** A password that was not given is said to be there where it would have been. */
  @Test
  void thePasswordOfAnotherServerIsNotGivenAway() throws IOException {
    Path file =
        Files.writeString(
            home.resolve("c.yaml"),
            "connections: {default: {host: db1, user: guarded, password_command: touch "
                + home.resolve("asked")
                + "}}");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

    Result refused = run(Map.of(), "health", "--config", file.toString(), "-c", guarded());

    assertThat(refused.code()).as("%s", refused).isEqualTo(ExitCode.CONNECTION);
    assertThat(refused.err()).contains("hint: ", "The password_command was not run");
    assertThat(home.resolve("asked")).doesNotExist();
  }

  @Test
  void whatCannotBeReadIsAnErrorOfTheArguments() {
    Map<String, String> environment = Map.of("LC_ALL", "C", "STEEP_REPL_CONFIG", "/\u00e9.yaml");
    Result refused = run(environment, "health");
    assertThat(refused.code()).as("%s", refused).isEqualTo(ExitCode.INVALID_ARGUMENTS);
  }

  /** That of the command and that which listens. */
  @Test
  void allConnectionsAreEncryptedWhereThatIsAskedFor() {
    Result result = generate(Map.of(), "fast-tls", "sslmode=require application_name=tls");

    assertThat(result.code()).as("%s", result).isZero();
    assertThat(cluster.log().lines().filter(line -> line.contains("application_name=tls ")))
        .hasSizeGreaterThanOrEqualTo(2)
        .allSatisfy(line -> assertThat(line).contains("SSL enabled"));
  }

  @Test
  void aServerWithoutEncryptionIsNotEnoughWhereThatIsAskedFor() {
    setSsl("off");
    try {
      Result refused = list(Map.of(), server.connection("sslmode=require"));
      assertThat(refused.code()).as("%s", refused).isEqualTo(ExitCode.CONNECTION);
      assertThat(refused.err()).contains("The server does not support SSL").contains("sslmode");
      assertConnected(list(Map.of(), server.connection("sslmode=prefer")));
    } finally {
      setSsl("on");
    }
  }

  private static void setSsl(String value) {
    cluster.set("ssl", value);
    cluster.reload();
    Wait.until("ssl is not " + value, TestCluster.SOON, () -> cluster.setting("ssl").equals(value));
  }

  /** As a DBA on the server itself does it: no password, only who he is. */
  @Test
  void theSocketOfThisMachineWillDo() {
    assertConnected(
        list(
            Map.of(),
            "host=" + cluster.directory() + " port=" + cluster.port() + " dbname=postgres"));
    Result wrong = list(Map.of(), "host=" + cluster.directory() + " port=" + (cluster.port() + 1));
    assertThat(wrong.code()).isEqualTo(ExitCode.CONNECTION);
    assertThat(wrong.err()).contains(".s.PGSQL." + (cluster.port() + 1));
  }

  @Test
  void snapshotsAreFollowedThroughTheSocketToo() {
    Result result =
        Program.run(
            "snapshot",
            "generate",
            "-o",
            server.path("fast"),
            "-c",
            "host=" + cluster.directory() + " port=" + cluster.port() + " dbname=postgres");
    assertThat(result.code()).as("%s", result).isZero();
    assertThat(result.err()).contains("100.0%");
  }

  @Test
  void theNextHostIsTriedAndTheRightOneTaken() {
    String both =
        "host=127.0.0.1,localhost port=1," + cluster.port() + " user=postgres dbname=postgres";
    assertConnected(list(Map.of(), both));
    assertConnected(list(Map.of("PGTARGETSESSIONATTRS", "primary"), both));
    Result none = list(Map.of(), both + " target_session_attrs=standby");
    assertThat(none.code()).as("%s", none).isEqualTo(ExitCode.CONNECTION);
    assertThat(none.err()).contains("target_session_attrs");
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({
    "disable, 127.0.0.1, false, 0, false",
    "allow, 127.0.0.1, false, 0, false",
    "prefer, 127.0.0.1, false, 0, true",
    "require, 127.0.0.1, false, 0, true",
    "verify-ca, 127.0.0.1, true, 0, true",
    "verify-ca, 127.0.0.1, false, 6, true",
    "verify-full, localhost, true, 0, true",
    "verify-full, 127.0.0.1, true, 6, true"
  })
  void sslIsAsStrictAsIsSaid(String mode, String host, boolean root, int code, boolean encrypted) {
    String name = "ssl-" + mode + "-" + host + "-" + root;
    String connection =
        server.connection("").replace("host=127.0.0.1", "host=" + host)
            + "sslmode="
            + mode
            + " application_name="
            + name
            + (root ? " sslrootcert=" + certificate() : "");
    Result result = list(Map.of(), connection);

    assertThat(result.code()).as("%s", result).isEqualTo(code);
    if (code == 0) {
      assertThat(
              cluster
                  .log()
                  .lines()
                  .filter(line -> line.contains("application_name=" + name))
                  .anyMatch(line -> line.contains("SSL enabled")))
          .isEqualTo(encrypted);
    }
  }

  @Test
  void nobodyIsThereAndThatIsToldWithoutThePassword() {
    Result result = Program.run("snapshot", "list", "-c", "host=127.0.0.1 port=1 password=s3cret");

    assertThat(result.code()).isEqualTo(ExitCode.CONNECTION);
    assertThat(result.err())
        .contains("failed to connect to")
        .contains("127.0.0.1:1")
        .contains("no daemon mode")
        .doesNotContain("s3cret");
  }

  @Test
  void passwordsAreNotInTheTitleOfTheProcess() {
    try (Program program =
        Program.start(
            Map.of(),
            "snapshot",
            "list",
            "--direct",
            "-c",
            "host=127.0.0.1 port=1 password=s3cret")) {
      Path title = Path.of("/proc", String.valueOf(program.pid()), "cmdline");
      Wait.until(
          "java runs", TestCluster.SOON, () -> read(title).contains("org.pgwalrus.cli.Main"));
      assertThat(read(title)).doesNotContain("s3cret").contains("STEEP_REPL_ARGUMENT_1");
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
