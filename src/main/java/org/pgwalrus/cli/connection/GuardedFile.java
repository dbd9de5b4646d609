package org.pgwalrus.cli.connection;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import java.util.Objects;

/**
 * A file that may say which program is run and where passwords go, so that it matters whose it is:
 * the user's own, or root's.
 *
 * @param writableByGroup whether others of its group may write to it; nobody else may
 */
record GuardedFile(Path path, String text, boolean writableByGroup) {

  private static final int LARGEST = 1 << 20;
  private static final Path OWN_PROCESS = Path.of("/proc/self");

  /** Reads it for a user of the operating system. */
  static GuardedFile read(Path path, String user) {
    try {
      PosixFileAttributes before = attributes(path);
      if (before.isDirectory()) {
        throw new InvalidConnection(problem(path, "is a directory"));
      }
      // Java cannot ask an open file whose it is: what lies there before and after has to be one.
      try (InputStream in = Files.newInputStream(path)) {
        PosixFileAttributes after = attributes(path);
        if (!Objects.equals(before.fileKey(), after.fileKey())) {
          throw new InvalidConnection(problem(path, "was replaced while it was opened"));
        }
        checkOwner(path, after.owner(), user);
        String text = text(path, in);
        if (after.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
          throw writableByOthers(path);
        }
        return new GuardedFile(
            path, text, after.permissions().contains(PosixFilePermission.GROUP_WRITE));
      }
    } catch (NoSuchFileException e) {
      throw new InvalidConnection(problem(path, "not found"));
    } catch (CharacterCodingException e) {
      throw new InvalidConnection(problem(path, "is not in UTF-8"));
    } catch (IOException e) {
      throw new InvalidConnection(problem(path, "cannot be read"));
    }
  }

  private static InvalidConnection writableByOthers(Path path) {
    return new InvalidConnection(
        problem(path, "can be written by others"),
        "It says where passwords go, and may name a program to be run: take that permission away"
            + " with \"chmod go-w\".");
  }

  /** Refuses one that names a program where others of its group could have named it. */
  void requirePrivate() {
    if (writableByGroup) {
      throw writableByOthers(path);
    }
  }

  private static PosixFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, PosixFileAttributes.class);
  }

  private static void checkOwner(Path path, UserPrincipal owner, String user) throws IOException {
    if (!List.of(principal("root"), principal(user)).contains(owner)) {
      throw new InvalidConnection(
          problem(path, "belongs to another user, \"" + owner.getName() + "\""),
          "It may name a program to be run, so that it has to be yours or root's: use a copy.");
    }
  }

  /** Users without a name, as containers have them, are who their processes belong to. */
  private static UserPrincipal principal(String user) throws IOException {
    try {
      return OWN_PROCESS
          .getFileSystem()
          .getUserPrincipalLookupService()
          .lookupPrincipalByName(user);
    } catch (UserPrincipalNotFoundException e) {
      return Files.getOwner(OWN_PROCESS);
    }
  }

  private static String text(Path path, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(LARGEST + 1);
    if (bytes.length > LARGEST) {
      throw new InvalidConnection(problem(path, "is larger than " + LARGEST + " bytes"));
    }
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /** What messages call it. */
  String title() {
    return title(path);
  }

  private static String title(Path path) {
    return "configuration file \"" + path + "\"";
  }

  private static String problem(Path path, String what) {
    return title(path) + " " + what;
  }
}
