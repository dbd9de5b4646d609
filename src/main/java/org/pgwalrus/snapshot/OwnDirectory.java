package org.pgwalrus.snapshot;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.files.Deletion;
import org.pgwalrus.snapshot.files.SnapshotDirectory;

/** Removes the directory of the snapshot that a job is about, and nobody else's. */
final class OwnDirectory {

  private static final String RECORDED =
      "SELECT directory_begun AND checksum IS NOT NULL FROM steep_repl.snapshots"
          + " WHERE snapshot_id = $1";

  private OwnDirectory() {}

  /**
   * Removes it, or an empty one, which is what a removal leaves that did not come to its end.
   *
   * @param begin is called before anything is removed; what it throws keeps all as it is
   * @return false when it is somebody else's
   */
  static boolean remove(Session session, SnapshotDirectory directory, Runnable begin) {
    return Deletion.delete(
        directory,
        () -> session.operationId().equals(owner(session, directory)),
        begin,
        session::warn);
  }

  /**
   * The id of the snapshot that it holds; null when nothing tells. Where the manifest is damaged or
   * gone, a directory that nobody else has marked is the job's if its snapshot was complete once.
   */
  static @Nullable String owner(Session session, SnapshotDirectory directory) {
    String own = session.operationId();
    String found = directory.owner(own);
    if (found == null && "t".equals(session.executeAsOwner(RECORDED, own))) {
      return own;
    }
    return found;
  }
}
