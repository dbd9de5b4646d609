package org.pgwalrus.snapshot;

import java.util.List;
import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Phase;
import org.pgwalrus.jobs.Plan;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Stage;
import org.pgwalrus.snapshot.files.Placement;
import org.pgwalrus.snapshot.files.SnapshotDirectory;

/**
 * The removal of one snapshot: all or nothing until the first file goes, and to be repeated after
 * that. The books delete its row when the job is complete.
 */
final class Removal implements Job {

  private static final String FILE_ROLE = "pg_write_server_files";
  private static final String PATH =
      "SELECT storage_path FROM steep_repl.snapshots WHERE snapshot_id = $1";
  private static final String BEGUN =
      "SELECT directory_begun FROM steep_repl.snapshots WHERE snapshot_id = $1";
  private static final String DROP_SLOT = "SELECT steep_repl.drop_kept_slot($1)";
  private static final String BEGIN = "SELECT steep_repl.begin_deletion($1::bigint)";

  private final Session session;

  Removal(Session session) {
    this.session = session;
  }

  @Override
  public Plan plan() {
    String path = session.executeAsOwner(PATH, session.operationId());
    if (path == null) {
      throw new JobException(
          "the job has no snapshot with files: queue it with steep_repl.delete_snapshot()");
    }
    return new Plan(
        0, 0, 0, List.of(new Stage(Phase.FINALIZING, 100, 1, progress -> remove(path, progress))));
  }

  private boolean remove(String path, Progress progress) {
    FileFailures.told(() -> {
      remove(path);
      return path;
    });
    progress.advance(1);
    return false;
  }

  private void remove(String path) {
    Placement placement = Places.of(session, path, FILE_ROLE);
    if (SnapshotDirectory.isGone(path)) {
      // By hand, or by a worker that ended before it could say so.
      begin();
      return;
    }
    try (SnapshotDirectory directory = SnapshotDirectory.open(path, placement)) {
      if (directory.isEmpty() && !isBegun()) {
        begin();
      } else if (!OwnDirectory.remove(session, directory, this::begin)) {
        throw foreign(directory);
      }
    }
  }

  /** Whether a job of the snapshot has come to the directory; else an empty one is not its work. */
  private boolean isBegun() {
    return "t".equals(session.executeAsOwner(BEGUN, session.operationId()));
  }

  /** Another snapshot may have come to the same place since. */
  private JobException foreign(SnapshotDirectory directory) {
    String found = OwnDirectory.owner(session, directory);
    return new JobException(
        "directory \""
            + directory.path()
            + "\" does not hold snapshot \""
            + session.operationId()
            + "\""
            + (found == null ? "" : " but \"" + found + "\"")
            + " (SQLSTATE 58P02)\nHINT: Delete the snapshot without its files.");
  }

  /** The slot first: while somebody reads from it, all stays as it is. */
  private void begin() {
    session.execute(DROP_SLOT, session.operationId());
    session.executeAsOwner(BEGIN, String.valueOf(session.id()));
  }

  /** What is removed stays removed. */
  @Override
  public void undo() {}
}
