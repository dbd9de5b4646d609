package org.pgwalrus.cli.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connection string before service before environment before defaults, as libpq has it. */
class TargetTest {

  @TempDir Path home;

  private final Map<String, String> environment = new HashMap<>();
  private final List<String> warnings = new ArrayList<>();

  private Target resolve(@Nullable String connection) {
    return resolve(connection, null);
  }

  private Target resolve(@Nullable String connection, @Nullable String profile) {
    Surroundings surroundings =
        new Surroundings(
            environment, "dba", home, home.resolve("etc"), List.of(home.resolve("run")));
    return Target.resolve(
        connection, new Configuration(null, profile), surroundings, warnings::add);
  }

  private Properties properties(@Nullable String connection) {
    Target target = resolve(connection);
    return target.properties(target.hosts().getFirst());
  }

  private void passwords(String mode, String... lines) throws IOException {
    Path file = Files.write(home.resolve(".pgpass"), List.of(lines));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  void nothingGivenIsTheSocketOfThisMachine() {
    Target target = resolve(null);

    assertThat(target.hosts()).containsExactly(new Host(home + "/run", 5432));
    assertThat(target.user()).isEqualTo("dba");
    assertThat(target.database()).isEqualTo("dba");
    assertThat(properties(null))
        .containsEntry("sslmode", "disable")
        .containsEntry("socketFactoryArg", home + "/run/.s.PGSQL.5432")
        .containsEntry("ApplicationName", "steep-repl-direct")
        .containsEntry("password", "");
  }

  @Test
  void theStringComesBeforeTheServiceBeforeTheEnvironment() throws IOException {
    environment.put("PGHOST", "env");
    environment.put("PGPORT", "1111");
    environment.put("PGUSER", "env");
    environment.put("PGDATABASE", "env");
    environment.put("PGSSLMODE", "disable");
    Files.writeString(
        home.resolve(".pg_service.conf"),
        "# mine\n[other]\nhost=no\n\n[here]\nhost=service\nport=2222\nuser = service\n[last]\n");

    Target target = resolve("service=here host=given");

    assertThat(target.hosts()).containsExactly(new Host("given", 2222));
    assertThat(target.user()).isEqualTo("service");
    assertThat(target.database()).isEqualTo("env");
    assertThat(properties("service=here host=given")).containsEntry("sslmode", "disable");
  }

  @Test
  void theServiceMayComeFromTheEnvironmentAndTheSystem() throws IOException {
    environment.put("PGSERVICE", "far");
    Files.createDirectories(home.resolve("etc"));
    Files.writeString(home.resolve("etc/pg_service.conf"), "[far]\nhost=far\n");
    assertThat(resolve(null).hosts()).containsExactly(new Host("far", 5432));

    environment.put("PGSERVICEFILE", home.resolve("nowhere").toString());
    assertThatThrownBy(() -> resolve(null)).hasMessageContaining("not found");
    environment.remove("PGSERVICEFILE");
    assertThatThrownBy(() -> resolve("service=none"))
        .hasMessage("no definition of service \"none\" was found");
  }

  @Test
  void theEnvironmentIsWhatItIsToLibpq() {
    environment.put("PGHOST", "a,b");
    environment.put("PGPORT", "1,2");
    environment.put("PGPASSWORD", "secret");
    environment.put("PGOPTIONS", "-c work_mem=1MB");
    environment.put("PGAPPNAME", "mine");
    environment.put("PGCONNECT_TIMEOUT", "7");
    environment.put("PGTARGETSESSIONATTRS", "read-write");

    assertThat(resolve(null).hosts()).containsExactly(new Host("a", 1), new Host("b", 2));
    assertThat(resolve(null).sessionAttributes()).isEqualTo(SessionAttributes.READ_WRITE);
    assertThat(properties(null))
        .containsEntry("password", "secret")
        .containsEntry("options", "-c work_mem=1MB")
        .containsEntry("ApplicationName", "mine")
        .containsEntry("connectTimeout", "7");
    assertThat(resolve(null).toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PGSSLCRL",
        "PGSSLCRLDIR",
        "PGREQUIREPEER",
        "PGREQUIRESSL",
        "PGSSLCERTMODE",
        "PGSSLMINPROTOCOLVERSION",
        "PGSSLMAXPROTOCOLVERSION",
        "PGMINPROTOCOLVERSION",
        "PGMAXPROTOCOLVERSION",
        "PGGSSDELEGATION",
        "PGLOADBALANCEHOSTS"
      })
  void variablesThatCannotBeHonouredAreRefused(String variable) {
    environment.put(variable, "");
    resolve("host=h");

    environment.put(variable, "s3cret");
    assertThatThrownBy(() -> resolve("host=h"))
        .isInstanceOf(InvalidConnection.class)
        .hasMessageContaining(variable)
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void variablesWithoutEffectAreNotInTheWay() {
    for (String variable :
        List.of("PGGSSLIB", "PGSSLCOMPRESSION", "PGSSLSNI", "PGCLIENTENCODING", "PGTZ", "PGDATA")) {
      environment.put(variable, "1");
    }

    assertThat(resolve("host=h").hosts()).containsExactly(new Host("h", 5432));
  }

  @ParameterizedTest
  @ValueSource(strings = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
  void allSslModesReachTheDriver(String mode) {
    assertThat(properties("host=h sslmode=" + mode)).containsEntry("sslmode", mode);
  }

  @Test
  void aRootCertificateIsVerifiedByWithoutBeingAskedTo() throws IOException {
    Path root = Files.writeString(home.resolve("root.crt"), "");
    assertThat(properties("host=h sslmode=require sslrootcert=" + root))
        .containsEntry("sslmode", "verify-ca")
        .containsEntry("sslrootcert", root.toString());
    assertThatThrownBy(() -> properties("host=h sslmode=always")).hasMessageContaining("sslmode");
  }

  @Test
  void passwordsComeFromTheFirstLineThatMatches() throws IOException {
    passwords(
        "rw-------", "# a comment", "h:1:d:u:first", "h:*:d:u:a\\:b\\\\c", "*:*:*:*:any:more");

    assertThat(properties("host=h port=1 dbname=d user=u")).containsEntry("password", "first");
    assertThat(properties("host=h port=9 dbname=d user=u")).containsEntry("password", "a:b\\c");
    assertThat(properties("host=x user=y")).containsEntry("password", "any");
    assertThat(properties("host=x password=given")).containsEntry("password", "given");
  }

  @Test
  void theDefaultSocketIsLocalhostInThePasswordFile() throws IOException {
    passwords("rw-------", "localhost:5432:dba:dba:local", "/other:5432:dba:dba:dir");

    assertThat(properties(null)).containsEntry("password", "local");
    assertThat(properties("host=/other")).containsEntry("password", "dir");
  }

  @Test
  void aPasswordFileForEverybodyIsNotRead() throws IOException {
    passwords("rw-r-----", "*:*:*:*:secret");

    assertThat(properties("host=h")).containsEntry("password", "");
    assertThat(warnings).singleElement().asString().contains(".pgpass").contains("0600");
  }

  private void configure(String... lines) throws IOException {
    Path directory = Files.createDirectories(home.resolve(".config/steep"));
    Path file = Files.write(directory.resolve("config.yaml"), List.of(lines));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void theStringComesBeforeTheConfigurationBeforeTheEnvironment() throws IOException {
    environment.put("PGHOST", "env");
    environment.put("PGPORT", "1111");
    environment.put("PGUSER", "env");
    environment.put("PGSSLMODE", "disable");
    configure(
        "connections:", "  default:", "    host: file", "    port: 2222", "    database: file");

    Target target = resolve("host=given");

    assertThat(target.hosts()).containsExactly(new Host("given", 2222));
    assertThat(target.user()).isEqualTo("env");
    assertThat(target.database()).isEqualTo("file");
    assertThat(properties(null)).containsEntry("sslmode", "disable");
    assertThat(resolve(null).hosts()).containsExactly(new Host("file", 2222));
  }

  @Test
  void aServiceStandsBehindWhatNamesIt() throws IOException {
    environment.put("PGSERVICE", "env");
    environment.put("PGUSER", "env");
    Files.writeString(
        home.resolve(".pg_service.conf"),
        "[given]\nport=1\n[file]\nport=2\nhost=service\n[env]\nport=3\nuser=service\n");
    configure(
        "connections:",
        "  plain:",
        "    host: file",
        "  serviced:",
        "    host: file",
        "    service: file");

    assertThat(resolve("service=given", "serviced").hosts()).containsExactly(new Host("file", 1));
    assertThat(resolve(null, "serviced").hosts()).containsExactly(new Host("file", 2));
    assertThat(resolve(null, "serviced").user()).isEqualTo("env");
    assertThat(resolve(null, "plain").hosts()).containsExactly(new Host("file", 3));
    assertThat(resolve(null, "plain").user()).isEqualTo("service");
  }

  @Test
  void theCommandIsAskedWhereNothingElseHasThePassword() throws IOException {
    Path asked = home.resolve("asked");
    configure(
        "connections:",
        "  default:",
        "    host: h",
        "    password_command: [sh, -c, 'echo >> \"$0\"; echo \" s3cret \"', '" + asked + "']");

    assertThat(properties("password=given")).containsEntry("password", "given");
    passwords("rw-------", "h:*:*:dba:filed");
    assertThat(properties(null)).containsEntry("password", "filed");
    assertThat(properties("host=other")).containsEntry("password", "");
    assertThat(asked).doesNotExist();

    Target target = resolve("user=u");
    assertThat(target.toString()).doesNotContain("s3cret");
    for (int i = 0; i < 2; i++) {
      assertThat(target.properties(target.hosts().getFirst())).containsEntry("password", "s3cret");
    }
    assertThat(Files.readAllLines(asked)).as("asked once").hasSize(1);
  }

  @Test
  void wrongNumbersAreRefused() {
    assertThatThrownBy(() -> resolve("host=a,b,c port=1,2")).hasMessageContaining("2 ports");
    for (String port : List.of("0", "65536", "x", "-1")) {
      assertThatThrownBy(() -> resolve("port=" + port)).hasMessageContaining("1 to 65535");
    }
    assertThatThrownBy(() -> properties("host=h connect_timeout=soon"))
        .hasMessageContaining("seconds");
    assertThatThrownBy(() -> resolve("target_session_attrs=best").sessionAttributes())
        .hasMessageContaining("prefer-standby");
  }
}
