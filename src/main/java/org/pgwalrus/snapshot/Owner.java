package org.pgwalrus.snapshot;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.files.SnapshotDirectory;

/** Whose a directory is, for a job that is about to remove it. */
final class Owner {

  private static final String RECORDED =
      "SELECT directory_begun AND checksum IS NOT NULL FROM steep_repl.snapshots"
          + " WHERE snapshot_id = $1";

  private Owner() {}

  /**
   * The id of the snapshot that it holds; null when nothing tells. Where the manifest is damaged or
   * gone, a directory that nobody else has marked is the job's if its snapshot was complete once.
   */
  static @Nullable String of(Session session, SnapshotDirectory directory) {
    String own = session.operationId();
    String found = directory.owner(own);
    if (found == null && "t".equals(session.executeAsOwner(RECORDED, own))) {
      return own;
    }
    return found;
  }

  static boolean isOwn(Session session, SnapshotDirectory directory) {
    return session.operationId().equals(of(session, directory));
  }
}
