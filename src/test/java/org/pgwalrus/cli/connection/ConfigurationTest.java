package org.pgwalrus.cli.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cli.ExitCode;

class ConfigurationTest {

  @TempDir Path home;

  private final Map<String, String> environment = new HashMap<>();

  private Path write(String name, String yaml) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, yaml);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private Profile read(@Nullable String file, @Nullable String profile) {
    return read(file, profile, System.getProperty("user.name"));
  }

  private Profile read(@Nullable String file, @Nullable String profile, String user) {
    return new Configuration(file, profile)
        .read(new Surroundings(environment, user, home, home.resolve("etc"), List.of(home)));
  }

  private Profile profile(String yaml, @Nullable String profile) throws IOException {
    return read(write("c.yaml", yaml).toString(), profile);
  }

  private void assertRefused(String message, @Nullable String file, @Nullable String profile) {
    assertThatExceptionOfType(InvalidConnection.class)
        .isThrownBy(() -> read(file, profile))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.INVALID_ARGUMENTS))
        .satisfies(e -> assertThat(e.getMessage() + e.hint()).doesNotContain("s3cret"));
  }

  private void assertRefused(String message, String yaml) throws IOException {
    assertRefused(message, write("c.yaml", yaml).toString(), null);
  }

  @Test
  void noFileIsFineUnlessOneIsAskedFor() {
    assertThat(read(null, null)).isEqualTo(Profile.NONE);
    assertRefused("there is no configuration file with profile \"east\"", null, "east");
    assertRefused("not found", home.resolve("no.yaml").toString(), null);
    environment.put("STEEP_REPL_CONFIG", home.resolve("no.yaml").toString());
    assertRefused("not found", null, null);
  }

  @Test
  void theNearestFileIsRead() throws IOException {
    write(".config/steep/config.yaml", "connections: {default: {host: usual}}");
    assertThat(read(null, null).parameters()).containsOnly(entry("host", "usual"));
    environment.put(
        "STEEP_REPL_CONFIG", write("v.yaml", "connections: {default: {host: v}}").toString());
    assertThat(read(null, null).parameters()).containsOnly(entry("host", "v"));
    assertThat(profile("connections: {default: {host: given}}", null).parameters())
        .containsOnly(entry("host", "given"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/dev/null"})
  void noFileCanBeAskedForToo(String none) throws IOException {
    write(".config/steep/config.yaml", "connections: {default: {hots: usual}}");
    assertThat(read(none, null)).isEqualTo(Profile.NONE);
    assertRefused("there is no configuration file with profile \"default\"", none, "default");
    environment.put("STEEP_REPL_CONFIG", "/dev/null");
    assertThat(read(null, null)).isEqualTo(Profile.NONE);
  }

  @Test
  void connectionsHaveNames() throws IOException {
    String yaml =
        """
        connections:
          east:
            host: db1
            port: 5433
            database: shop
            user: "dba"
            sslmode: verify-full
            connect_timeout: 3
            keepalives: true
          west:
          1.10:
            database: 1.10
            user: 007
            options: true
            keepalives: false
        """;

    assertThat(profile(yaml, "east").parameters())
        .containsOnly(
            entry("host", "db1"),
            entry("port", "5433"),
            entry("dbname", "shop"),
            entry("user", "dba"),
            entry("sslmode", "verify-full"),
            entry("connect_timeout", "3"),
            entry("keepalives", "1"));
    assertThat(profile(yaml, "1.10").parameters())
        .as("as they are written")
        .containsOnly(
            entry("dbname", "1.10"),
            entry("user", "007"),
            entry("options", "true"),
            entry("keepalives", "0"));
    assertThat(profile(yaml, "west")).isEqualTo(Profile.NONE);
    assertThat(profile(yaml, null)).as("no default").isEqualTo(Profile.NONE);
    assertThatExceptionOfType(InvalidConnection.class)
        .isThrownBy(() -> profile(yaml, "north"))
        .withMessageContaining("has no profile \"north\"")
        .satisfies(e -> assertThat(e.hint()).isEqualTo("It has [east, west, 1.10]."));
  }

  /** Of the file of a daemon only its connection is of use here, and nothing else is looked at. */
  @Test
  void anOlderFileHasOneConnection() throws IOException {
    String yaml =
        """
        repl:
          enabled: true
          node_id:
          postgresql: {host: old, port: 5432, password_command: pass show old, pool: {size: 4}}
          grpc: {port: none}
        theme: dark
        """;

    assertThat(profile(yaml, null).parameters())
        .containsOnly(entry("host", "old"), entry("port", "5432"));
    assertThat(profile(yaml, "default").passwordCommand()).containsExactly("pass", "show", "old");
    assertThat(profile(yaml + "connections: {default: {host: new}}", null).parameters())
        .containsOnly(entry("host", "new"));
  }

  @Test
  void aCommandHasWords() throws IOException {
    String yaml = "connections: {default: {password_command: %s}}";

    assertThat(profile(yaml.formatted("' pass  show '"), null).passwordCommand())
        .containsExactly("pass", "show");
    assertThat(profile(yaml.formatted("[a, 'b c', 3]"), null).passwordCommand())
        .containsExactly("a", "b c", "3");
    for (String nothing : List.of("[]", "''", "")) {
      assertThat(profile(yaml.formatted(nothing), null).passwordCommand()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "---", "# nothing", "{}", "connections:", "repl: {postgresql: {}}"})
  void aFileMayBeEmpty(String yaml) throws IOException {
    assertThat(profile(yaml, null)).isEqualTo(Profile.NONE);
  }

  @Test
  void whatMayBeSecretIsNotRepeated() throws IOException {
    String uri = "postgresql://u:s3cret@h/d";
    assertRefused("profile \"...\"", null, uri);
    String file = write("c.yaml", "connections: {'" + uri + "': {}, east: {}}").toString();
    assertThatExceptionOfType(InvalidConnection.class)
        .isThrownBy(() -> read(file, uri + "?x"))
        .withMessageContaining("has no profile \"...\"")
        .satisfies(e -> assertThat(e.hint()).isEqualTo("It has [..., east]."));
    assertRefused("connections.default.... is not known", "connections: {default: {pw_s3cret: }}");
    assertRefused("takes a file, not a connection string", uri, null);
    assertRefused("takes a file, not a connection string", "host=h password=s3cret", null);
  }

  @Test
  void aFileOfSomebodyElseIsRefused() throws IOException {
    UserPrincipal nobody =
        home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    Path file = write("c.yaml", "connections: {default: {host: h}}");
    assertThat(read(file.toString(), null, "no such user").parameters())
        .as("containers have users without names")
        .isNotEmpty();

    boolean isRoot = Files.getAttribute(file, "unix:uid").equals(0);
    if (isRoot) {
      assertThat(read(file.toString(), null, "nobody").parameters())
          .as("root's file is good for all")
          .isNotEmpty();
      Files.setOwner(file, nobody);
      assertThat(read(file.toString(), null, "nobody").parameters()).as("his own").isNotEmpty();
    }

    assertThatExceptionOfType(InvalidConnection.class)
        .isThrownBy(() -> read(file.toString(), null, isRoot ? "root" : "nobody"))
        .withMessageContaining("belongs to another user, \"" + Files.getOwner(file).getName());
  }

  @Test
  void whatIsNoFileOfTextIsToldByWhatItIs() throws IOException {
    assertRefused("is a directory", home.toString(), null);
    assertRefused("is larger than 1048576 bytes", "/dev/zero", null);
    Path file = write("c.yaml", "");
    Files.write(file, new byte[] {'a', ':', (byte) 0xfc});
    assertRefused("is not in UTF-8", file.toString(), null);
    assertRefused("--config has a path that cannot be expressed", "s3cret\0", null);
    environment.put("STEEP_REPL_CONFIG", "\0");
    assertRefused("STEEP_REPL_CONFIG has a path that cannot be expressed", null, null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "a: [", "{a: ", "- "})
  void aFileMayNotBeTooDeep(String opening) throws IOException {
    assertRefused("has too many levels", opening.repeat(20_000));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "connections: s3cret | connections has no keys below it",
        "[s3cret] | the file has no keys below it",
        "repl: [s3cret] | repl has no keys below it",
        "repl: {postgresql: s3cret} | repl.postgresql has no keys below it",
        "connections: {default: s3cret} | connections.default has no keys below it",
        "connections: {default: {host: [s3cret]}} | connections.default.host is not a single value",
        "connections: {default: {hots: s3cret}} | connections.default.hots is not known",
        "connections: {default: {password: s3cret}} | connections.default.password must not be there",
        "connections: {default: {password_command: {a: s3cret}}} | password_command is not a single",
        "connections: {default: {host: 's3cret}} | is not in YAML, line 1",
        "connections: {default: {host: !!java.net.URL [s3cret]}} | has a tag that is not known here, line 1",
        "connections: {default: {host: a, host: s3cret}} | has a key twice, line 1",
        "connections: {default: {host: \u0001s3cret}} | has a character that YAML does not allow",
        "connections: {default: {[s3cret]: a}} | has keys that are not names",
        "connections: {default: {? : s3cret}} | is not known"
      })
  void whatIsWrongIsToldByItsKey(String yaml, String message) throws IOException {
    assertRefused(message, yaml);
  }

  @Test
  void aFileOfManyAliasesIsRefused() throws IOException {
    StringBuilder yaml = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      yaml.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertRefused("too many aliases", yaml.toString());
  }

  private Path writable(String mode) throws IOException {
    Path file =
        write("c.yaml", "connections: {default: {host: h}, east: {password_command: 'true'}}");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  /** They could send the user's passwords elsewhere. */
  @Test
  void aFileThatEverybodyMayWriteIsRefused() throws IOException {
    assertRefused("can be written by others", writable("rw----rw-").toString(), null);
  }

  @Test
  void aFileThatItsGroupMayWriteNamesNoProgram() throws IOException {
    Path file = writable("rw-rw----");

    assertThat(read(file.toString(), null).parameters()).containsOnly(entry("host", "h"));
    assertRefused("can be written by others", file.toString(), "east");
  }
}
