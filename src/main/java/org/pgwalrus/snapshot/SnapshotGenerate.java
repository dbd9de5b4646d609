package org.pgwalrus.snapshot;

import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobKind;
import org.pgwalrus.jobs.Session;

/** Generates a snapshot of the job's database in a directory of the server. */
public final class SnapshotGenerate implements JobKind {

  /** Found by the service loader. */
  public SnapshotGenerate() {}

  @Override
  public String operation() {
    return "snapshot_generate";
  }

  @Override
  public Job open(Session session) {
    return new Generation(session);
  }
}
