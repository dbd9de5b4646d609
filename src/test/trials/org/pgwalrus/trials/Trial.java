package org.pgwalrus.trials;

import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobKind;
import org.pgwalrus.jobs.Session;

/** A job that does what it was queued with: the lines of "do", and those of "undo" to undo it. */
public final class Trial implements JobKind {

  /** Found by the service loader. */
  public Trial() {}

  @Override
  public String operation() {
    return "trial";
  }

  @Override
  public Job open(Session session) {
    return new Script(session);
  }
}
