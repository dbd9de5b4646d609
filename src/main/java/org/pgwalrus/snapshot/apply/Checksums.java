package org.pgwalrus.snapshot.apply;

import java.util.List;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.files.FileCheck;
import org.pgwalrus.snapshot.files.Manifest;
import org.pgwalrus.snapshot.files.SnapshotDirectory;
import org.pgwalrus.snapshot.files.Verification;

/** The look at every byte of a snapshot before anything is written. */
final class Checksums {

  private Checksums() {}

  /**
   * Compares all files with the manifest.
   *
   * @throws JobException with all that are not as they were written
   */
  static void verify(
      Session session,
      SnapshotDirectory directory,
      Manifest manifest,
      int threads,
      Progress progress) {
    Problems problems = new Problems();
    for (FileCheck check : check(session, directory, manifest, threads, progress)) {
      if (!check.isOk()) {
        problems.add("SR003", "file \"" + check.file() + "\" " + check.detail());
      }
    }
    problems.check(
        "the snapshot in \"" + directory.path() + "\" is not as it was written",
        "Restore the files from another copy, or take the snapshot again; nothing was changed.");
  }

  private static List<FileCheck> check(
      Session session,
      SnapshotDirectory directory,
      Manifest manifest,
      int threads,
      Progress progress) {
    long[] shown = {0};
    try {
      return Verification.run(
          directory,
          manifest,
          threads,
          work -> session.copiers().start("snapshot checker", work),
          bytes -> {
            session.checkPoint();
            progress.advance(bytes - shown[0]);
            shown[0] = bytes;
          });
    } catch (InterruptedException e) {
      throw new JobException("interrupted");
    }
  }
}
