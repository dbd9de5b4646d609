package org.pgwalrus.snapshot;

import java.util.function.Supplier;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.snapshot.files.SnapshotFileException;

/** What goes wrong with files, as the queue tells it. */
public final class FileFailures {

  private FileFailures() {}

  /**
   * Does some work.
   *
   * @throws JobException when a file fails it
   */
  public static <T> T told(Supplier<T> work) {
    try {
      return work.get();
    } catch (SnapshotFileException e) {
      String hint = e.hint().isEmpty() ? "" : "\nHINT: " + e.hint();
      throw new JobException(e.message() + " (SQLSTATE " + e.sqlState() + ")" + hint);
    }
  }
}
