package org.pgwalrus.snapshot.files;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Paths below the snapshot directory: names joined by {@code /}, none of which leads elsewhere. */
final class RelativePath {

  /** The longest name that file systems take, in bytes. */
  static final int LONGEST_NAME = 255;

  private static final int DEEPEST = 8;

  private RelativePath() {}

  /**
   * The names of a path.
   *
   * @throws SnapshotFileException (22023) when the path could lead out of the directory
   */
  static List<String> split(String path) {
    String problem = problem(path);
    if (problem != null) {
      throw SnapshotFileException.invalid(
          "invalid file name \"" + path + "\" in the snapshot: it " + problem,
          "Names of files are relative to the snapshot directory and stay inside it.");
    }
    return names(path);
  }

  /** Why this path is not taken, null when it is. */
  static @Nullable String problem(String path) {
    List<String> names = names(path);
    if (path.startsWith("/")) {
      return "is absolute";
    }
    if (names.size() > DEEPEST) {
      return "has more than " + DEEPEST + " components";
    }
    for (String name : names) {
      if (name.isEmpty() || name.equals(".") || name.equals("..")) {
        return "has the component \"" + name + "\"";
      }
      if (name.length() > LONGEST_NAME) {
        return "has a component of more than " + LONGEST_NAME + " bytes";
      }
      if (!name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '\\')) {
        return "has a character that is not printable ASCII";
      }
    }
    return null;
  }

  private static List<String> names(String path) {
    return List.of(path.split("/", -1));
  }
}
