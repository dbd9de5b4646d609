package org.pgwalrus.snapshot.files;

import java.util.Locale;

/**
 * What was found out about one file of a snapshot.
 *
 * @param file relative to the snapshot directory
 * @param detail what is wrong, in words; empty for a file that is right
 */
public record FileCheck(String file, Status status, String detail) {

  /** How a file is. */
  public enum Status {
    /** As it was written. */
    OK,
    /** Not there. */
    MISSING,
    /** Longer or shorter than it was. */
    SIZE,
    /** Changed. */
    CHECKSUM,
    /** Not a regular file of the server's OS user; not read. */
    FORBIDDEN,
    /** The operating system could not read it. */
    UNREADABLE;

    /** Its name in SQL. */
    public String sqlName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether the file is as it was written. */
  public boolean isOk() {
    return status == Status.OK;
  }
}
