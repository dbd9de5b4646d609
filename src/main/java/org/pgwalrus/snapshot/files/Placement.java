package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where snapshots may lie on this server.
 *
 * @param dataDirectory the server's, absolute; its owner is the server's OS user
 * @param snapshotRoot the only directory below which snapshots may lie, absolute; null for anywhere
 */
public record Placement(Path dataDirectory, @Nullable Path snapshotRoot) {

  private static final int STICKY = 01000;
  private static final int WORLD_WRITABLE = 0002;

  /**
   * The path that a user asked for, as an absolute one without detours.
   *
   * @throws SnapshotFileException (22023) when it is relative or has {@code .} or {@code ..} in it
   */
  static Path parse(String text) {
    if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
      throw SnapshotFileException.invalid(
          "invalid snapshot path \"" + text + "\": it is not absolute",
          "Give a path on the server that begins with \"/\".");
    }
    Path path = toPath(text);
    if (path.getNameCount() == 0 || !path.equals(path.normalize())) {
      throw SnapshotFileException.invalid(
          "invalid snapshot path \"" + text + "\": it has a component \".\" or \"..\" or none",
          "Give the path of a directory of its own, without such components.");
    }
    return path;
  }

  private static Path toPath(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw SnapshotFileException.invalid(
          "invalid snapshot path \"" + text + "\": " + e.getReason(),
          "Give a path that the server's locale can express.");
    }
  }

  /** The server's OS user. */
  UserPrincipal owner() throws IOException {
    return Files.getOwner(dataDirectory);
  }

  /**
   * Refuses a place where no snapshot may lie.
   *
   * @param realPath without symbolic links
   * @throws SnapshotFileException (42501)
   */
  void check(Path realPath) throws IOException {
    for (Path reserved : reserved()) {
      if (realPath.startsWith(reserved)) {
        throw SnapshotFileException.forbidden(
            "directory \"" + realPath + "\" is inside the data directory \"" + reserved + "\"",
            "Choose a directory outside the data directory and the tablespaces.");
      }
    }
    if (snapshotRoot != null) {
      Path root = realRoot(snapshotRoot);
      if (!realPath.startsWith(root) || realPath.equals(root)) {
        throw SnapshotFileException.forbidden(
            "directory \"" + realPath + "\" is not below \"" + root + "\"",
            "Choose a directory below the one that steep_repl.snapshot_directory names.");
      }
    }
  }

  private static Path realRoot(Path root) {
    try {
      return root.toRealPath();
    } catch (IOException e) {
      throw SnapshotFileException.missing(
          "could not find the directory \"" + root + "\" of steep_repl.snapshot_directory",
          "Create it for the server's OS user, or change the setting.");
    }
  }

  /** The data directory, and what it has elsewhere by symbolic links: WAL and tablespaces. */
  private List<Path> reserved() throws IOException {
    List<Path> reserved = new ArrayList<>();
    reserved.add(dataDirectory.toRealPath());
    addTarget(reserved, dataDirectory.resolve("pg_wal"));
    Path tablespaces = dataDirectory.resolve("pg_tblspc");
    if (Files.isDirectory(tablespaces)) {
      try (DirectoryStream<Path> links = Files.newDirectoryStream(tablespaces)) {
        links.forEach(link -> addTarget(reserved, link));
      }
    }
    return reserved;
  }

  private static void addTarget(List<Path> targets, Path link) {
    try {
      targets.add(link.toRealPath());
    } catch (IOException e) {
      // A link to nowhere reserves nothing.
    }
  }

  /**
   * Refuses to make a directory where everybody could put another in its place.
   *
   * @throws SnapshotFileException (42501)
   */
  static void checkParent(Path realParent) throws IOException {
    int mode = (int) Files.getAttribute(realParent, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & WORLD_WRITABLE) != 0 && (mode & STICKY) == 0) {
      throw SnapshotFileException.forbidden(
          "directory \"" + realParent + "\" is writable by everybody and not sticky",
          "Choose another directory, or take that permission away with \"chmod o-w\".");
    }
  }
}
