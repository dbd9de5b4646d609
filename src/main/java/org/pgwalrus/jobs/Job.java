package org.pgwalrus.jobs;

/** One job, as its kind does it. */
public interface Job {

  /**
   * Looks what there is to do.
   *
   * @throws org.pgwalrus.backend.PgException when it cannot be done; nothing has changed then
   */
  Plan plan();

  /**
   * Removes what the steps have left behind, after a failure, a cancel, or the death of the worker.
   * It may be called for a job that has done nothing, or whose undo was interrupted.
   */
  void undo();
}
