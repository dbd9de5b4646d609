package org.pgwalrus.snapshot.apply;

import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobKind;
import org.pgwalrus.jobs.Session;

/** Loads a snapshot from a directory of the server into the job's database. */
public final class SnapshotApply implements JobKind {

  /** Found by the service loader. */
  public SnapshotApply() {}

  @Override
  public String operation() {
    return "snapshot_apply";
  }

  @Override
  public Job open(Session session) {
    return new Application(session);
  }
}
