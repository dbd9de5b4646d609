package org.pgwalrus.jobs;

/**
 * A kind of jobs. Listed in {@code META-INF/services/org.pgwalrus.jobs.JobKind}, by which the
 * runner finds it: a new kind is a package of its own and a line there.
 */
public interface JobKind {

  /** Its name in {@code work_queue.operation}. */
  String operation();

  /** A job of this kind; nothing is done before its plan is asked for. */
  Job open(Session session);
}
