package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

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
   * Removes the directory, whether its snapshot is complete or not. The object is closed
   * afterwards.
   *
   * @throws SnapshotFileException when the directory has something in it that no snapshot has
   *     (58P02; nothing is removed then), or something could not be removed (42501, 58030)
   */
  public static void delete(SnapshotDirectory snapshot) {
    delete(snapshot, () -> {});
  }

  /**
   * The same, with something to be done once it is known what to remove.
   *
   * @param begin is called before anything is removed; what it throws keeps all as it is
   */
  public static void delete(SnapshotDirectory snapshot, Runnable begin) {
    try (snapshot) {
      Deletion deletion = new Deletion(snapshot);
      deletion.look();
      begin.run();
      deletion.remove();
    } catch (IOException e) {
      throw SnapshotFileException.failed("remove directory", snapshot.path(), e);
    }
  }

  /** Removes the directory if it is empty still. The object is closed afterwards. */
  public static void deleteEmpty(SnapshotDirectory snapshot) {
    try (snapshot) {
      Files.delete(snapshot.path());
      NewDirectory.sync(Objects.requireNonNull(snapshot.path().getParent()));
    } catch (DirectoryNotEmptyException e) {
      // Another job has come.
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

  private void remove() throws IOException {
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
    Files.delete(snapshot.path());
    NewDirectory.sync(Objects.requireNonNull(snapshot.path().getParent()));
  }
}
