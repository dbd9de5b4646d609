package org.pgwalrus.cli.connection;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which configuration file is read, and which of its connections is meant.
 *
 * @param file as given on the command line; null for that of {@code STEEP_REPL_CONFIG}, or else
 *     {@code ~/.config/steep/config.yaml}, which need not be there
 * @param profile the name of the connection; null for {@value #DEFAULT}, which need not be there
 */
public record Configuration(@Nullable String file, @Nullable String profile) {

  static final String DEFAULT = "default";

  /** Reads what is meant, if there is any. */
  Profile read(Surroundings surroundings) {
    Optional<Path> path = path(surroundings);
    if (path.isEmpty()) {
      if (profile != null) {
        throw new InvalidConnection(
            "there is no configuration file with profile \"" + profile + "\"",
            "Name one with --config, or write " + usual(surroundings) + ".");
      }
      return Profile.NONE;
    }
    ConfigurationFile read = ConfigurationFile.read(path.get());
    return read.profile(profile == null ? DEFAULT : profile)
        .orElseGet(() -> {
          if (profile != null) {
            throw new InvalidConnection(
                "configuration file \"" + path.get() + "\" has no profile \"" + profile + "\"",
                "It has " + (read.names().isEmpty() ? "none" : read.names()) + ".");
          }
          return Profile.NONE;
        });
  }

  private Optional<Path> path(Surroundings surroundings) {
    Optional<Path> named =
        Optional.ofNullable(file)
            .or(() -> surroundings.variable("STEEP_REPL_CONFIG"))
            .map(Path::of);
    return named.or(() -> Optional.of(usual(surroundings)).filter(Files::exists));
  }

  private static Path usual(Surroundings surroundings) {
    return surroundings.home().resolve(".config/steep/config.yaml");
  }
}
