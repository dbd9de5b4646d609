package org.pgwalrus.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The installed server under test, that of {@code PG_CONFIG}. Servers refuse to run as root: then
 * its programs run as {@code WALRUS_TEST_USER}, {@code postgres} unless set.
 */
public final class Installation {

  private static final Installation DEFAULT = new Installation(pgConfigPath());

  private final String pgConfig;
  private final Path binaries;

  private Installation(String pgConfig) {
    this.pgConfig = pgConfig;
    this.binaries = Path.of(ask("--bindir"));
  }

  /** The server under test. */
  public static Installation get() {
    return DEFAULT;
  }

  /** The major version. */
  public int major() {
    return Integer.parseInt(ask("--version").replaceFirst("PostgreSQL (\\d+).*", "$1"));
  }

  /** Where loadable libraries lie. */
  public Path libraryDirectory() {
    return Path.of(ask("--pkglibdir"));
  }

  /** The installed jar. */
  public Path jar() {
    return libraryDirectory().resolve("pg_walrus").resolve("pg_walrus.jar");
  }

  /** Answers a question to {@code pg_config}. */
  public String ask(String option) {
    return Programs.run(List.of(pgConfig, option)).strip();
  }

  /** The command line of one of the server's programs, as the user that may run it. */
  public List<String> command(String program, String... arguments) {
    List<String> command = new ArrayList<>(asUser());
    command.add(binaries.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** The words that make a command run as the unprivileged user. */
  public List<String> asUser() {
    return isRoot()
        ? List.of("setpriv", "--reuid=" + user(), "--regid=" + user(), "--init-groups")
        : List.of();
  }

  /** Gives a directory to the user that runs the servers. */
  public void give(Path path) {
    if (isRoot()) {
      Programs.run(List.of("chown", "-R", user() + ":", path.toString()));
    }
  }

  private static String user() {
    return System.getenv().getOrDefault("WALRUS_TEST_USER", "postgres");
  }

  static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException e) {
      return System.getProperty("user.name").equals("root");
    }
  }

  private static String pgConfigPath() {
    String environment = System.getenv("PG_CONFIG");
    String fallback = environment == null || environment.isEmpty() ? "pg_config" : environment;
    return System.getProperty("pg.config", fallback);
  }
}
