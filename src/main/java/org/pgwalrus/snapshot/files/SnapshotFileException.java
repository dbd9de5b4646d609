package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Something is wrong with a file or directory of a snapshot, which the message names. */
public final class SnapshotFileException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  static final String MISSING = "58P01";
  static final String CORRUPT = "SR003";
  static final String FORBIDDEN = "42501";

  private static final String INPUT_OUTPUT = "58030";
  private static final String DISK_FULL = "53100";

  private final String sqlState;
  private final String hint;

  private SnapshotFileException(
      String sqlState, String message, String hint, @Nullable Throwable cause) {
    super(message, cause);
    this.sqlState = sqlState;
    this.hint = hint;
  }

  /** An argument that is not legal: invalid_parameter_value. */
  static SnapshotFileException invalid(String message, String hint) {
    return new SnapshotFileException("22023", message, hint, null);
  }

  /** What the server may not use, whoever asks: insufficient_privilege. */
  static SnapshotFileException forbidden(String message, String hint) {
    return new SnapshotFileException(FORBIDDEN, message, hint, null);
  }

  /** Something that should be there: undefined_file. */
  static SnapshotFileException missing(String message, String hint) {
    return new SnapshotFileException(MISSING, message, hint, null);
  }

  /** Something that should not be there: duplicate_file. */
  static SnapshotFileException exists(String message, String hint) {
    return new SnapshotFileException("58P02", message, hint, null);
  }

  /** Contents that are not those that were written: SR003. */
  static SnapshotFileException corrupt(String message) {
    return corrupt(message, null);
  }

  /** Contents that are not those that were written, as the cause tells. */
  static SnapshotFileException corrupt(String message, @Nullable Throwable cause) {
    return new SnapshotFileException(
        CORRUPT, message, "Restore the file from another copy, or take the snapshot again.", cause);
  }

  /** A codec whose library is not installed: feature_not_supported. */
  static SnapshotFileException notInstalled(String codec, Throwable cause) {
    return new SnapshotFileException(
        "0A000",
        "could not load the library of compression \"" + codec + "\": " + cause.getMessage(),
        "Run \"make install\" of pg_walrus again, or choose another compression.",
        cause);
  }

  /** The file system has no room: disk_full. */
  static SnapshotFileException diskFull(Object file, IOException cause) {
    return new SnapshotFileException(
        DISK_FULL,
        "could not write to file \"" + file + "\": no space left on device",
        "Free some space there, or choose another directory.",
        cause);
  }

  /**
   * What the operating system answered.
   *
   * @param action what was tried, such as {@code open file}
   */
  static SnapshotFileException failed(String action, Object file, IOException cause) {
    String attempt = "could not " + action + " \"" + file + "\": ";
    return switch (cause) {
      case NoSuchFileException e -> missing(attempt + "it does not exist", "Check the path.");
      case DirectoryNotEmptyException e ->
          exists(attempt + "it is not empty", "Look what has come to it, and remove that first.");
      case FileAlreadyExistsException e ->
          exists(attempt + "it exists already", "Remove it, or choose another directory.");
      case AccessDeniedException e ->
          new SnapshotFileException(
              FORBIDDEN, attempt + "permission denied", "Let the server's OS user access it.", e);
      default -> new SnapshotFileException(INPUT_OUTPUT, attempt + reason(cause), "", cause);
    };
  }

  /** What an exception says, without the file that it may name. */
  static String reason(Exception cause) {
    String reason = cause instanceof FileSystemException e ? e.getReason() : cause.getMessage();
    return reason == null ? cause.getClass().getSimpleName() : reason;
  }

  /** Whether the matter itself was refused, rather than that it could not be done. */
  public boolean isRefusal() {
    return !sqlState.equals(INPUT_OUTPUT) && !sqlState.equals(DISK_FULL);
  }

  /** The five characters of the SQLSTATE. */
  public String sqlState() {
    return sqlState;
  }

  /** What happened to what. */
  public String message() {
    return String.valueOf(getMessage());
  }

  /** What to do about it, or an empty string. */
  public String hint() {
    return hint;
  }
}
