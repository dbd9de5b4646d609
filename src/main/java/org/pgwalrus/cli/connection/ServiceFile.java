package org.pgwalrus.cli.connection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Named sets of connection parameters: pg_service.conf and ~/.pg_service.conf. */
final class ServiceFile {

  private ServiceFile() {}

  /** The parameters of a service, from the first file that has it. */
  static Map<String, String> lookUp(String service, Surroundings surroundings) {
    for (Path file : files(surroundings)) {
      Optional<Map<String, String>> found = section(service, file);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new InvalidConnection(
        "no definition of service \"" + Printable.name(service) + "\" was found",
        "It is looked for in " + files(surroundings) + ".");
  }

  private static List<Path> files(Surroundings surroundings) {
    Optional<Path> named =
        surroundings.variable("PGSERVICEFILE").map(name -> FilePath.of(name, "PGSERVICEFILE"));
    if (named.isPresent() && !Files.exists(named.get())) {
      throw new InvalidConnection("service file \"" + named.get() + "\" not found");
    }
    return List.of(
        named.orElseGet(() -> surroundings.home().resolve(".pg_service.conf")),
        surroundings.systemDirectory().resolve("pg_service.conf"));
  }

  private static Optional<Map<String, String>> section(String service, Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Map<String, String> pairs = new LinkedHashMap<>();
    boolean inside = false;
    int number = 0;
    for (String raw : lines(file)) {
      number++;
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("[")) {
        if (inside) {
          return Optional.of(pairs);
        }
        inside = line.equals("[" + service + "]");
      } else if (inside) {
        int equals = line.indexOf('=');
        String keyword = equals < 0 ? "" : line.substring(0, equals).strip();
        if (equals < 0 || keyword.equals(Keyword.SERVICE)) {
          throw new InvalidConnection(
              "line "
                  + number
                  + " of service file \""
                  + file
                  + "\" is not a parameter of a service");
        }
        // The first one counts, as in libpq.
        pairs.putIfAbsent(Keyword.checked(keyword), line.substring(equals + 1).strip());
      }
    }
    return inside ? Optional.of(pairs) : Optional.empty();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new InvalidConnection("service file \"" + file + "\" cannot be read");
    }
  }
}
