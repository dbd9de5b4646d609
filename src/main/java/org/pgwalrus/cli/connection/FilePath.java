package org.pgwalrus.cli.connection;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths that come from outside, which need not be any. */
final class FilePath {

  private FilePath() {}

  /**
   * A text as a path.
   *
   * @param whose what has the text, for the message
   */
  static Path of(String text, String whose) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new InvalidConnection(
          whose + " has a path that cannot be expressed here",
          "Where it has letters beyond ASCII, set LC_ALL to a locale of UTF-8, such as C.UTF-8.");
    }
  }
}
