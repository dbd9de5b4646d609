package org.pgwalrus.snapshot;

import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobKind;
import org.pgwalrus.jobs.Session;

/** Removes the files of a snapshot, and its kept slot. */
public final class SnapshotDelete implements JobKind {

  /** Found by the service loader. */
  public SnapshotDelete() {}

  @Override
  public String operation() {
    return "snapshot_delete";
  }

  @Override
  public Job open(Session session) {
    return new Removal(session);
  }
}
