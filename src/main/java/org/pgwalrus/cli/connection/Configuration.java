package org.pgwalrus.cli.connection;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which configuration file is read, and which of its connections is meant.
 *
 * @param file as given on the command line, empty or {@value #NOWHERE} for none; null for that of
 *     {@code STEEP_REPL_CONFIG}, or else {@code ~/.config/steep/config.yaml}, which need not be
 *     there
 * @param profile the name of the connection; null for {@value #DEFAULT}, which need not be there
 */
public record Configuration(@Nullable String file, @Nullable String profile) {

  static final String DEFAULT = "default";
  private static final String NOWHERE = "/dev/null";

  /** Reads what is meant, if there is any. */
  Profile read(Surroundings surroundings) {
    Optional<Path> path = path(surroundings);
    if (path.isEmpty()) {
      if (profile != null) {
        throw new InvalidConnection(
            "there is no configuration file with profile \"" + Printable.name(profile) + "\"",
            "Name one with --config, or write " + usual(surroundings) + ".");
      }
      return Profile.NONE;
    }
    ConfigurationFile read = ConfigurationFile.read(path.get(), surroundings.user());
    return read.profile(profile == null ? DEFAULT : profile)
        .orElseGet(() -> {
          if (profile != null) {
            throw new InvalidConnection(
                read.file().title() + " has no profile \"" + Printable.name(profile) + "\"",
                "It has "
                    + (read.names().isEmpty()
                        ? "none"
                        : read.names().stream().map(Printable::name).toList())
                    + ".");
          }
          return Profile.NONE;
        });
  }

  private Optional<Path> path(Surroundings surroundings) {
    return file == null
        ? surroundings
            .variable("STEEP_REPL_CONFIG")
            .map(name -> named(name, "STEEP_REPL_CONFIG"))
            .orElseGet(() -> Optional.of(usual(surroundings)).filter(Files::exists))
        : named(file, "--config");
  }

  private static Optional<Path> named(String name, String by) {
    if (name.isEmpty() || name.equals(NOWHERE)) {
      return Optional.empty();
    } else if (Printable.isConnection(name)) {
      throw new InvalidConnection(
          by + " takes a file, not a connection string", "Give that with --connection.");
    }
    return Optional.of(FilePath.of(name, by));
  }

  private static Path usual(Surroundings surroundings) {
    return surroundings.home().resolve(".config/steep/config.yaml");
  }
}
