package org.pgwalrus.cli.connection;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the program finds around it: the environment, the user and where files are looked for.
 *
 * @param systemDirectory where the service file of all users lies
 * @param socketDirectories where a server of this machine may have its socket
 */
public record Surroundings(
    Map<String, String> environment,
    String user,
    Path home,
    Path systemDirectory,
    List<Path> socketDirectories) {

  /** Those of this process; the launcher tells what pg_config knows. */
  public static Surroundings ofProcess() {
    Map<String, String> environment = System.getenv();
    String home = System.getProperty("user.home");
    return new Surroundings(
        environment,
        System.getProperty("user.name"),
        FilePath.of(environment.getOrDefault("HOME", home), "HOME"),
        FilePath.of(
            environment.getOrDefault(
                "PGSYSCONFDIR", System.getProperty("steep_repl.sysconfdir", "/etc")),
            "PGSYSCONFDIR"),
        List.of(Path.of("/var/run/postgresql"), Path.of("/tmp")));
  }

  /** A variable that is set and not empty. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }
}
