package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Makes directories that only their owner can enter. */
final class NewDirectory {

  private NewDirectory() {}

  /**
   * Makes the directory of a snapshot where it may lie, unless a directory is there.
   *
   * @param begin is called once nothing forbids it
   * @throws SnapshotFileException when it may not lie there (42501), its parent is missing (58P01)
   *     or something else has its name (58P02)
   */
  static void make(Path target, Placement placement, Runnable begin) throws IOException {
    Path parent = realParent(target);
    Path real = parent.resolve(target.getFileName());
    placement.check(real);
    Placement.checkParent(parent);
    boolean isNew = !Files.exists(real, LinkOption.NOFOLLOW_LINKS);
    if (!isNew && !Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
      throw SnapshotFileException.exists(
          "could not create directory \"" + target + "\": a file or symbolic link is there",
          "Remove it, or choose another directory.");
    }
    if (isNew) {
      makeIn(parent, real, begin);
    } else {
      begin.run();
    }
  }

  /** A parent that cannot be read cannot be synced: that has to be known before. */
  private static void makeIn(Path parent, Path real, Runnable begin) throws IOException {
    try (Directory opened = Directory.open(parent)) {
      begin.run();
      make(real);
      opened.sync();
    }
  }

  /** Makes a directory with permissions 0700. */
  static void make(Path directory) throws IOException {
    Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(Directory.PRIVATE));
  }

  private static Path realParent(Path target) throws IOException {
    Path parent = Objects.requireNonNull(target.getParent());
    try {
      return parent.toRealPath();
    } catch (NoSuchFileException e) {
      throw SnapshotFileException.missing(
          "could not create directory \"" + target + "\": its parent does not exist",
          "Create \"" + parent + "\" for the server's OS user.");
    }
  }

  /** Brings the entries of a directory to the disk. */
  static void sync(Path directory) throws IOException {
    try (Directory opened = Directory.open(directory)) {
      opened.sync();
    }
  }

  /** Whether a path without symbolic links leads to the directory that was opened. */
  static boolean isStill(Path real, BasicFileAttributes opened) throws IOException {
    BasicFileAttributes now =
        Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return real.toRealPath().equals(real) && Objects.equals(now.fileKey(), opened.fileKey());
  }
}
