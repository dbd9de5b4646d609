package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The open directory of one snapshot. All its files are reached from here, name by name and never
 * through a symbolic link; files and directories of other users, writable by everybody, or of
 * another type than regular are refused. Threads may share it.
 */
public final class SnapshotDirectory implements AutoCloseable {

  /** What there is of a manifest that tells nothing. */
  private static final Set<String> UNREADABLE =
      Set.of(SnapshotFileException.MISSING, SnapshotFileException.CORRUPT);

  private final Directory root;
  private final UserPrincipal osUser;

  /** What was opened below, by its names: to ask who owns a directory takes long. */
  private final Map<List<String>, Directory> below = new HashMap<>();

  private SnapshotDirectory(Directory root, UserPrincipal osUser) {
    this.root = root;
    this.osUser = osUser;
  }

  /**
   * Makes the directory for a new snapshot, with permissions 0700, or takes an empty one. It bears
   * the mark of that snapshot until it is {@linkplain #release released}.
   *
   * @param path absolute; its parent exists
   * @param snapshotId whose it is
   * @param begin is called before anything is made, unless the path itself is refused
   * @throws SnapshotFileException when the path is not legal (22023), not allowed (42501), not
   *     empty (58P02), or could not be made (58P01, 58030)
   */
  public static SnapshotDirectory create(
      String path, Placement placement, String snapshotId, Runnable begin) {
    Path target = Placement.parse(path);
    try {
      NewDirectory.make(target, placement, begin);
      SnapshotDirectory opened = openChecked(target, placement);
      try {
        opened.prepare(FileNames.mark(snapshotId));
        return opened;
      } catch (IOException | RuntimeException e) {
        opened.close();
        throw e;
      }
    } catch (IOException e) {
      throw SnapshotFileException.failed("create directory", path, e);
    }
  }

  /**
   * Opens the directory of a snapshot that is there.
   *
   * @param path absolute
   * @throws SnapshotFileException when the path is not legal (22023), not allowed (42501), or could
   *     not be opened (58P01, 58030)
   */
  public static SnapshotDirectory open(String path, Placement placement) {
    Path target = Placement.parse(path);
    try {
      return openChecked(target, placement);
    } catch (IOException e) {
      throw SnapshotFileException.failed("open directory", path, e);
    }
  }

  /**
   * Whether nothing is there any more, in a directory that is.
   *
   * @param path absolute
   * @throws SnapshotFileException when the path is not legal (22023)
   */
  public static boolean isGone(String path) {
    Path target = Placement.parse(path);
    return Files.notExists(target, LinkOption.NOFOLLOW_LINKS)
        && Files.isDirectory(Objects.requireNonNull(target.getParent()));
  }

  /** Opens first and checks what it has opened, so that nobody can change it in between. */
  private static SnapshotDirectory openChecked(Path target, Placement placement)
      throws IOException {
    Path real = target.toRealPath();
    placement.check(real);
    UserPrincipal osUser = placement.owner();
    Directory root = Directory.open(real);
    try {
      PosixFileAttributes opened = root.attributes();
      if (!NewDirectory.isStill(real, opened)) {
        throw SnapshotFileException.forbidden(
            "directory \"" + real + "\" was replaced while it was opened",
            "Choose a directory whose parents only the server's OS user can write to.");
      }
      checkAccess("directory", real, opened, osUser);
      return new SnapshotDirectory(root, osUser);
    } catch (IOException | RuntimeException e) {
      root.close();
      throw e;
    }
  }

  /** Of two who come at once, none takes what the other has marked. */
  private void prepare(String mark) throws IOException {
    requireOnly(List.of());
    root.setPermissions(Directory.PRIVATE);
    root.create(mark).close();
    try {
      requireOnly(List.of(mark));
    } catch (SnapshotFileException e) {
      root.delete(mark);
      throw e;
    }
    NewDirectory.make(root.path().resolve(FileNames.DATA));
    directory(List.of(FileNames.DATA));
    root.sync();
  }

  private void requireOnly(List<String> names) throws IOException {
    if (!root.names().equals(names)) {
      throw SnapshotFileException.exists(
          "directory \"" + root.path() + "\" is not empty",
          "Choose a directory that is empty or does not exist.");
    }
  }

  /** Takes the mark of a snapshot away, if it is there. */
  public void release(String snapshotId) {
    String mark = FileNames.mark(snapshotId);
    try {
      if (root.attributes(mark) != null) {
        root.delete(mark);
        root.sync();
      }
    } catch (IOException e) {
      throw SnapshotFileException.failed("remove file", path().resolve(mark), e);
    }
  }

  /** Whether nothing is in it. */
  public boolean isEmpty() {
    return names().isEmpty();
  }

  /**
   * Whose directory it is, as far as it tells: the snapshot of its manifest, or whose mark it
   * bears.
   *
   * @param snapshotId who asks: with the mark of another beside his, it is the other's
   * @return the id of a snapshot; null when nothing tells
   */
  public @Nullable String owner(String snapshotId) {
    // First, as who makes one takes the mark away after the manifest is there.
    List<String> marks = names().stream().filter(FileNames::isMark).toList();
    String inManifest = idInManifest();
    if (inManifest != null) {
      return inManifest;
    }
    String own = FileNames.mark(snapshotId);
    return marks.stream()
        .filter(mark -> !mark.equals(own))
        .findFirst()
        .map(FileNames::marked)
        .orElse(marks.isEmpty() ? null : snapshotId);
  }

  private @Nullable String idInManifest() {
    try {
      return ManifestFile.read(this).manifest().snapshotId();
    } catch (SnapshotFileException e) {
      if (UNREADABLE.contains(e.sqlState())) {
        return null;
      }
      throw e;
    }
  }

  private List<String> names() {
    try {
      return root.names();
    } catch (IOException e) {
      throw SnapshotFileException.failed("read directory", path(), e);
    }
  }

  /** Its path without symbolic links. */
  public Path path() {
    return root.path();
  }

  /** Brings the names in this directory, or in one below it, to the disk. */
  void sync(String... names) throws IOException {
    directory(List.of(names)).sync();
  }

  /** A directory below this one, which stays open as long as this one. */
  synchronized Directory directory(List<String> names) throws IOException {
    if (names.isEmpty()) {
      return root;
    }
    Directory known = below.get(names);
    if (known == null) {
      known = child(directory(names.subList(0, names.size() - 1)), names.getLast());
      below.put(List.copyOf(names), known);
    }
    return known;
  }

  private Directory child(Directory parent, String name) throws IOException {
    PosixFileAttributes attributes = parent.attributes(name);
    if (attributes != null && !attributes.isDirectory()) {
      throw SnapshotFileException.forbidden(
          "could not open directory \"" + parent.path().resolve(name) + "\": it is not a directory",
          "Symbolic links are not followed: put the directory itself there.");
    }
    Directory child = parent.child(name);
    try {
      checkAccess("directory", child.path(), child.attributes(), osUser);
      return child;
    } catch (IOException | RuntimeException e) {
      child.close();
      throw e;
    }
  }

  /** Whether something of this name is in the directory itself, of whatever kind. */
  boolean has(String name) {
    try {
      return root.attributes(name) != null;
    } catch (IOException e) {
      throw SnapshotFileException.failed("look for file", path().resolve(name), e);
    }
  }

  /**
   * Opens a file for reading.
   *
   * @throws SnapshotFileException when the name is not legal (22023), or it is not a regular file
   *     of the server's OS user (42501), or could not be opened (58P01, 58030)
   */
  FileChannel read(String file) {
    List<String> names = RelativePath.split(file);
    try {
      Directory directory = directory(names.subList(0, names.size() - 1));
      checkFile(path().resolve(file), directory.attributes(names.getLast()));
      return directory.read(names.getLast());
    } catch (IOException e) {
      throw SnapshotFileException.failed("open file", path().resolve(file), e);
    }
  }

  private void checkFile(Path file, @Nullable PosixFileAttributes attributes) {
    if (attributes == null) {
      throw SnapshotFileException.missing(
          "could not open file \"" + file + "\": it does not exist",
          "Restore the file from another copy, or take the snapshot again.");
    }
    if (!attributes.isRegularFile()) {
      throw SnapshotFileException.forbidden(
          "could not open file \"" + file + "\": it is not a regular file",
          "Symbolic links, pipes and devices are not read: put the file itself there.");
    }
    checkAccess("file", file, attributes, osUser);
  }

  private static void checkAccess(
      String kind, Path path, PosixFileAttributes attributes, UserPrincipal osUser) {
    if (!attributes.owner().equals(osUser)) {
      throw SnapshotFileException.forbidden(
          kind + " \"" + path + "\" belongs to OS user \"" + attributes.owner().getName() + "\"",
          "Give it to the server's OS user, \"" + osUser.getName() + "\".");
    }
    if (attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
      throw SnapshotFileException.forbidden(
          kind + " \"" + path + "\" is writable by everybody",
          "Take that permission away with \"chmod o-w\".");
    }
  }

  @Override
  public synchronized void close() {
    try {
      for (Directory directory : below.values()) {
        directory.close();
      }
      below.clear();
      root.close();
    } catch (IOException e) {
      throw SnapshotFileException.failed("close directory", root.path(), e);
    }
  }
}
