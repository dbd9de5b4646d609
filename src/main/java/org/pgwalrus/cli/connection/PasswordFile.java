package org.pgwalrus.cli.connection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * ~/.pgpass: lines {@code host:port:database:user:password}, {@code *} for any, backslashes before
 * colons and backslashes. The first line that matches counts; a file that others may read does not.
 */
record PasswordFile(Path file, Consumer<String> warnings) {

  private static final Set<PosixFilePermission> OF_OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));

  Optional<String> password(String host, String port, String database, String user) {
    List<String> wanted = List.of(host, port, database, user);
    return lines().stream()
        .filter(line -> !line.startsWith("#"))
        .map(PasswordFile::fields)
        .filter(fields -> fields.size() == 5 && matches(fields, wanted))
        .map(List::getLast)
        .findFirst();
  }

  private List<String> lines() {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      if (!Files.isRegularFile(file)) {
        warnings.accept("password file \"" + file + "\" is not a plain file; it is not read");
        return List.of();
      }
      if (Files.getPosixFilePermissions(file).stream().anyMatch(OF_OTHERS::contains)) {
        warnings.accept(
            "password file \""
                + file
                + "\" can be accessed by others; it is not read until"
                + " its mode is 0600");
        return List.of();
      }
      return Files.readAllLines(file);
    } catch (IOException e) {
      warnings.accept("password file \"" + file + "\" cannot be read");
      return List.of();
    }
  }

  private static boolean matches(List<String> fields, List<String> wanted) {
    for (int i = 0; i < wanted.size(); i++) {
      if (!fields.get(i).equals("*") && !fields.get(i).equals(wanted.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        field.append(line.charAt(++i));
      } else if (c == ':' && fields.size() < 4) {
        fields.add(field.toString());
        field.setLength(0);
      } else if (c == ':') {
        // What follows the password is left for later versions of the format.
        break;
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }
}
