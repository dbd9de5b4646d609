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
    return propertiesOf(resolve(connection));
  }

  private static Properties propertiesOf(Target target) {
    return target.properties(target.hosts().getFirst(), target.passwordCommand());
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
    passwords("rw-------");
    assertThat(properties("host=other")).containsEntry("password", "");
    assertThat(asked).doesNotExist();

    Target target = resolve("dbname=d");
    assertThat(target.toString()).doesNotContain("s3cret");
    for (int times = 1; times < 3; times++) {
      PasswordCommand once = target.passwordCommand();
      for (int i = 0; i < 2; i++) {
        assertThat(target.properties(target.hosts().getFirst(), once))
            .containsEntry("password", "s3cret");
      }
      assertThat(Files.readAllLines(asked)).as("once for each session").hasSize(times);
    }
  }

  private void assertAsked(boolean isAsked, Target target) {
    assertThat(propertiesOf(target)).containsEntry("password", isAsked ? "s3cret" : "");
    assertThat(target.withholdsPassword()).isEqualTo(!isAsked);
  }

  /** Nobody else is told the password. */
  @Test
  void theCommandIsForTheServerAndTheUserOfItsProfile() throws IOException {
    configure(
        "connections:",
        "  whole: {host: h, port: 1, user: u, password_command: echo s3cret}",
        "  part: {host: h, password_command: echo s3cret}",
        "  bare: {password_command: echo s3cret}",
        "  served: {service: file, password_command: echo s3cret}");
    Files.writeString(
        home.resolve(".pg_service.conf"), "[file]\nhost=h\nport=1\nuser=u\n[other]\nport=1\n");

    assertAsked(true, resolve("dbname=d sslmode=require", "whole"));
    assertAsked(true, resolve(null, "part"));
    assertAsked(true, resolve(null, "bare"));
    assertAsked(true, resolve(null, "served"));
    for (String given : List.of("host=x", "hostaddr=::1", "port=2", "user=x", "service=other")) {
      assertAsked(false, resolve(given, "whole"));
      assertAsked(false, resolve(given, "served"));
    }
    for (String variable : List.of("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGSERVICE")) {
      environment.put(variable, variable.equals("PGSERVICE") ? "other" : "1");
      assertAsked(true, resolve(null, "whole"));
      assertAsked(true, resolve(null, "served"));
      assertAsked(false, resolve(null, "bare"));
      assertAsked(variable.startsWith("PGHOST"), resolve(null, "part"));
      environment.remove(variable);
    }
    assertThat(resolve("port=2 password=p", "whole").withholdsPassword()).isFalse();
    assertThat(resolve("port=2").withholdsPassword()).isFalse();
  }

  @Test
  void hostsComeFromOnePlace() throws IOException {
    environment.put("PGHOST", "env");
    environment.put("PGHOSTADDR", "10.0.0.9");
    environment.put("PGPORT", "9");
    configure(
        "connections:",
        "  two: {host: 'a,b', port: '1,2'}",
        "  one: {hostaddr: 10.0.0.1, port: 3}",
        "  none: {user: u}");

    assertThat(resolve("hostaddr=10.0.0.2", "two").hosts())
        .as("a list of ports is that of its hosts")
        .containsExactly(new Host("10.0.0.2", 9));
    assertThat(resolve("host=c", "one").hosts()).containsExactly(new Host("c", 3));
    assertThat(resolve("port=4", "two").hosts())
        .containsExactly(new Host("a", 4), new Host("b", 4));
    assertThat(resolve("port=4,5", "two").hosts())
        .containsExactly(new Host("a", 4), new Host("b", 5));
    assertThat(resolve(null, "one").hosts()).containsExactly(new Host("10.0.0.1", 3));
    assertThat(resolve("host=c,d port=6,7", "two").hosts())
        .containsExactly(new Host("c", 6), new Host("d", 7));
    assertThat(resolve("host=''", "one").hosts()).containsExactly(new Host(home + "/run", 3));
    assertThatThrownBy(() -> resolve("port=4,5", "one")).hasMessageContaining("2 ports");
    assertThatThrownBy(() -> resolve(null, "none")).hasMessageContaining("host and hostaddr");
    environment.remove("PGHOSTADDR");
    assertThat(resolve(null, "none").hosts()).containsExactly(new Host("env", 9));
  }

  @Test
  void pathsThatAreNoneAreRefused() {
    for (String keyword : List.of("passfile", "sslrootcert", "sslcert", "sslkey")) {
      assertThatThrownBy(() -> resolve("host=h " + keyword + "=a\0b"))
          .isInstanceOf(InvalidConnection.class)
          .hasMessage(keyword + " has a path that cannot be expressed here");
    }
    assertThatThrownBy(() -> resolve("host=/a\0b")).isInstanceOf(InvalidConnection.class);
    environment.put("PGSERVICEFILE", "a\0b");
    assertThatThrownBy(() -> resolve("service=s")).isInstanceOf(InvalidConnection.class);
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
