package org.pgwalrus.cli.connection;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A configuration file in YAML, of which the connections are read: {@code connections.NAME}, and
 * {@code repl.postgresql} as the default one where the file is of an older kind. The rest belongs
 * to other programs. Messages name places and keys, and never repeat a value.
 */
final class ConfigurationFile {

  private static final String CONNECTIONS = "connections";
  private static final List<String> OLDER = List.of("repl", "postgresql");
  private static final String DATABASE = "database";
  private static final String PASSWORD_COMMAND = "password_command";
  private static final Set<PosixFilePermission> WRITABLE_BY_OTHERS =
      Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final Path file;
  private final Map<?, ?> contents;

  private ConfigurationFile(Path file, Map<?, ?> contents) {
    this.file = file;
    this.contents = contents;
  }

  static ConfigurationFile read(Path file) {
    try {
      if (Files.getPosixFilePermissions(file).stream().anyMatch(WRITABLE_BY_OTHERS::contains)) {
        throw new InvalidConnection(
            "configuration file \"" + file + "\" can be written by others",
            "It may name a program to be run: take that permission away with \"chmod go-w\".");
      }
      try (InputStream in = Files.newInputStream(file)) {
        Object contents = new Load(LoadSettings.builder().build()).loadFromInputStream(in);
        ConfigurationFile read = new ConfigurationFile(file, Map.of());
        return new ConfigurationFile(file, read.map("the file", contents));
      }
    } catch (NoSuchFileException e) {
      throw new InvalidConnection("configuration file \"" + file + "\" not found");
    } catch (IOException e) {
      throw new InvalidConnection("configuration file \"" + file + "\" cannot be read");
    } catch (YamlEngineException e) {
      throw new InvalidConnection(
          "configuration file \"" + file + "\" is not in YAML" + place(e),
          "Connections are written as connections: NAME: host: ..., each level on lines of its own,"
              + " further to the right.");
    }
  }

  private static String place(YamlEngineException e) {
    return e instanceof MarkedYamlEngineException marked
        ? marked.getProblemMark().map(mark -> ", line " + (mark.getLine() + 1)).orElse("")
        : "";
  }

  /** The names of its connections, in their order. */
  List<String> names() {
    List<String> names =
        new ArrayList<>(
            below(CONNECTIONS, contents).keySet().stream().map(String::valueOf).toList());
    if (!names.contains(Configuration.DEFAULT) && older().isPresent()) {
      names.add(Configuration.DEFAULT);
    }
    return names;
  }

  /** One of its connections. */
  Optional<Profile> profile(String name) {
    Map<?, ?> connections = below(CONNECTIONS, contents);
    if (connections.containsKey(name)) {
      return Optional.of(profile(CONNECTIONS + "." + name, connections.get(name)));
    }
    return name.equals(Configuration.DEFAULT)
        ? older().map(section -> profile(String.join(".", OLDER), section))
        : Optional.empty();
  }

  private Optional<Object> older() {
    return Optional.ofNullable(below(OLDER.getFirst(), contents).get(OLDER.getLast()));
  }

  private Map<?, ?> below(String key, Map<?, ?> parent) {
    return map(key, parent.get(key));
  }

  private Map<?, ?> map(String key, @Nullable Object value) {
    return switch (value) {
      case null -> Map.of();
      case Map<?, ?> map -> map;
      default -> throw wrong(key, "has no keys below it");
    };
  }

  private Profile profile(String path, @Nullable Object section) {
    Map<String, String> parameters = new LinkedHashMap<>();
    List<String> command = new ArrayList<>();
    map(path, section)
        .forEach((name, value) -> {
          String key = path + "." + name;
          if (name.equals(PASSWORD_COMMAND)) {
            command.addAll(words(key, value));
          } else {
            parameters.put(keyword(key, String.valueOf(name)), text(key, value));
          }
        });
    return new Profile(parameters, command);
  }

  private String keyword(String key, String name) {
    if (name.equals(Keyword.PASSWORD)) {
      throw new InvalidConnection(
          problem(key, "must not be there"),
          "Keep the password in ~/.pgpass, or let a password_command print it.");
    }
    String keyword = name.equals(DATABASE) ? Keyword.DBNAME : name;
    if (!Keyword.isKnown(keyword)) {
      throw new InvalidConnection(
          problem(key, "is not known"),
          "A connection has host, port, database, user, sslmode and the other parameters of a"
              + " connection string, and password_command.");
    }
    return keyword;
  }

  private String text(String key, @Nullable Object value) {
    return switch (value) {
      case null -> "";
      case String text -> text;
      case Number number -> number.toString();
      case Boolean flag -> flag ? "1" : "0";
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
    return new InvalidConnection(problem(key, what));
  }

  private String problem(String key, String what) {
    return "configuration file \"" + file + "\": " + key + " " + what;
  }
}
