package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Removes a snapshot directory with what belongs to it, and nothing else. The manifest goes first:
 * what is left after a crash is no snapshot any more, and can be removed in the same way. The mark
 * of its owner goes last.
 */
public final class Deletion {

  private static final int LONGEST_LIST = 10;

  private final SnapshotDirectory snapshot;
  private final Set<String> expected = new HashSet<>();
  private final List<String> files = new ArrayList<>();
  private final List<String> marks = new ArrayList<>();
  private final List<String> directories = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();

  private Deletion(SnapshotDirectory snapshot) {
    this.snapshot = snapshot;
  }

  /**
   * Removes the directory, whether its snapshot is complete or not; an empty one may be anybody's.
   *
   * @param isOwn is asked where something is in it: whether that may be removed
   * @param begin is called before anything is removed; what it throws keeps all as it is
   * @param warn is told that the directory is left, without the files of the snapshot
   * @return false when it is somebody else's, and as it was
   * @throws SnapshotFileException when the directory has something in it that no snapshot has
   *     (58P02; nothing is removed then), or something in it could not be removed (42501, 58030)
   */
  public static boolean delete(
      SnapshotDirectory snapshot, BooleanSupplier isOwn, Runnable begin, Consumer<String> warn) {
    Deletion deletion = new Deletion(snapshot);
    try {
      // What comes into an empty directory from now on is another job's.
      if (!snapshot.isEmpty()) {
        if (!isOwn.getAsBoolean()) {
          return false;
        }
        deletion.look();
      }
      begin.run();
      deletion.removeContents();
      deletion.removeDirectory(warn);
      return true;
    } catch (IOException e) {
      throw SnapshotFileException.failed("remove directory", snapshot.path(), e);
    }
  }

  private void look() throws IOException {
    if (snapshot.has(FileNames.MANIFEST)) {
      expect();
    }
    look(snapshot.directory(List.of()), "");
    if (!unknown.isEmpty()) {
      throw SnapshotFileException.exists(
          "directory \""
              + snapshot.path()
              + "\" has "
              + unknown.size()
              + " entries that belong to no snapshot: "
              + String.join(", ", unknown.subList(0, Math.min(unknown.size(), LONGEST_LIST))),
          "Move them elsewhere, or remove the directory by hand.");
    }
  }

  /** Takes the manifest's word for its files; a damaged manifest leaves the usual names. */
  private void expect() {
    try {
      ManifestFile.read(snapshot).manifest().files().forEach(file -> expect(file.file()));
    } catch (SnapshotFileException e) {
      expected.clear();
    }
  }

  private void expect(String path) {
    int slash = path.length();
    while (slash >= 0) {
      expected.add(path.substring(0, slash));
      slash = path.lastIndexOf('/', slash - 1);
    }
  }

  private void look(Directory directory, String prefix) throws IOException {
    for (String name : directory.names()) {
      String path = prefix + name;
      PosixFileAttributes attributes = directory.attributes(name);
      if (attributes == null) {
        continue;
      }
      boolean isKnown = expected.contains(path) || FileNames.isKnown(path);
      if (isKnown && attributes.isRegularFile()) {
        (FileNames.isMark(path) ? marks : files).add(path);
      } else if (isKnown && attributes.isDirectory()) {
        try (Directory child = directory.child(name)) {
          look(child, path + "/");
        }
        directories.add(path);
      } else {
        unknown.add("\"" + path + "\"");
      }
    }
  }

  private void removeContents() throws IOException {
    if (files.remove(FileNames.MANIFEST)) {
      Directory root = snapshot.directory(List.of());
      root.delete(FileNames.MANIFEST);
      root.sync();
    }
    for (String file : files) {
      List<String> names = RelativePath.split(file);
      snapshot.directory(names.subList(0, names.size() - 1)).delete(names.getLast());
    }
    // Those inside were found before those around them.
    for (String path : directories) {
      List<String> names = RelativePath.split(path);
      snapshot.directory(names.subList(0, names.size() - 1)).deleteDirectory(names.getLast());
    }
    for (String mark : marks) {
      snapshot.directory(List.of()).delete(mark);
    }
  }

  /** In a directory of somebody else's it may be refused, and another job may have come to it. */
  private void removeDirectory(Consumer<String> warn) throws IOException {
    try {
      Files.deleteIfExists(snapshot.path());
    } catch (FileSystemException e) {
      String problem =
          SnapshotFileException.failed("remove directory", snapshot.path(), e).message();
      warn.accept(problem + "; the files of the snapshot are gone from it");
      return;
    }
    NewDirectory.sync(Objects.requireNonNull(snapshot.path().getParent()));
  }
}
