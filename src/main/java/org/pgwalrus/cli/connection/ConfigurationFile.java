package org.pgwalrus.cli.connection;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A configuration file in YAML, of which the connections are read: {@code connections.NAME}, and
 * {@code repl.postgresql} as the default one where the file is of an older kind. The rest belongs
 * to other programs. Messages name places and keys, and never repeat a value.
 */
record ConfigurationFile(GuardedFile file, @Nullable Object contents) {

  private static final String CONNECTIONS = "connections";
  private static final List<String> OLDER = List.of("repl", "postgresql");
  private static final String DATABASE = "database";
  private static final String PASSWORD_COMMAND = "password_command";

  /** Reads it for a user of the operating system. */
  static ConfigurationFile read(Path path, String user) {
    GuardedFile file = GuardedFile.read(path, user);
    return new ConfigurationFile(file, Yaml.parse(file));
  }

  /** The names of its connections, in their order. */
  List<String> names() {
    List<String> names =
        new ArrayList<>(below(CONNECTIONS).keySet().stream().map(String::valueOf).toList());
    if (!names.contains(Configuration.DEFAULT) && older().isPresent()) {
      names.add(Configuration.DEFAULT);
    }
    return names;
  }

  /** One of its connections. */
  Optional<Profile> profile(String name) {
    Map<?, ?> connections = below(CONNECTIONS);
    if (connections.containsKey(name)) {
      String path = CONNECTIONS + "." + Printable.name(name);
      return Optional.of(profile(path, connections.get(name), false));
    }
    return name.equals(Configuration.DEFAULT)
        ? older().map(section -> profile(String.join(".", OLDER), section, true))
        : Optional.empty();
  }

  private Optional<Object> older() {
    return Optional.ofNullable(below(OLDER.getFirst()).get(OLDER.getLast()));
  }

  private Map<?, ?> below(String key) {
    return map(key, map("the file", contents).get(key));
  }

  private Map<?, ?> map(String key, @Nullable Object value) {
    return switch (value) {
      case null -> Map.of();
      case Map<?, ?> map -> map;
      default -> throw wrong(key, "has no keys below it");
    };
  }

  private Profile profile(String path, @Nullable Object section, boolean ofDaemon) {
    Map<String, String> parameters = new LinkedHashMap<>();
    List<String> command = new ArrayList<>();
    map(path, section)
        .forEach((key, value) -> {
          String name = String.valueOf(key);
          String place = path + "." + Printable.keyword(name);
          String keyword = name.equals(DATABASE) ? Keyword.DBNAME : name;
          if (name.equals(PASSWORD_COMMAND)) {
            command.addAll(words(place, value));
          } else if (name.equals(Keyword.PASSWORD)) {
            throw wrong(
                place,
                "must not be there",
                "Keep the password in ~/.pgpass, or let a password_command print it.");
          } else if (Keyword.isKnown(keyword)) {
            parameters.put(keyword, Keyword.flag(keyword, text(place, value)));
          } else if (!ofDaemon) {
            throw wrong(
                place,
                "is not known",
                "A connection has host, port, database, user, sslmode and the other parameters of a"
                    + " connection string, and password_command.");
          }
        });
    if (!command.isEmpty()) {
      file.requirePrivate();
    }
    return new Profile(parameters, command);
  }

  private String text(String key, @Nullable Object value) {
    return switch (value) {
      case null -> "";
      case String text -> text;
      default -> throw wrong(key, "is not a single value");
    };
  }

  /** No shell looks at it: a text is divided at spaces, and a list says where its words end. */
  private List<String> words(String key, @Nullable Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(word -> text(key, word)).toList();
    }
    String words = text(key, value).strip();
    return words.isEmpty() ? List.of() : List.of(words.split("\\s+"));
  }

  private InvalidConnection wrong(String key, String what) {
    return wrong(key, what, null);
  }

  private InvalidConnection wrong(String key, String what, @Nullable String hint) {
    return new InvalidConnection(file.title() + ": " + key + " " + what, hint);
  }
}
