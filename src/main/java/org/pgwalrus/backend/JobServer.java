package org.pgwalrus.backend;

import org.jspecify.annotations.Nullable;

/** The server as a job worker sees it. To be used on the main thread alone. */
public interface JobServer {

  int get(Setting.Int setting);

  /** Takes the next job in the queue if its role is this worker's; null when there is none. */
  @Nullable ClaimedJob claim();

  /**
   * Runs a statement as the role that queued the job, in a transaction of its own.
   *
   * @param parameters the values of {@code $1} to {@code $3}, texts
   * @return the first value of the first row as text
   * @throws PgException when it fails
   */
  @Nullable String execute(String sql, String... parameters);

  /** The same as the owner of the extension, for the books of the queue. */
  @Nullable String executeAsOwner(String sql, String... parameters);

  /**
   * Serves signals. Long work in Java calls it often: it costs next to nothing while none waits.
   *
   * @throws PgException when the job is to end
   */
  void checkPoint();

  /** Why the job is to end; a cancel that waits is taken back, so that it can be written down. */
  Interruption interruption();

  /** The progress of the job; {@link #publishProgress} makes it visible. */
  SharedState progress();

  void publishProgress();

  /** Says that the final state of the job is in its table. */
  void endJob();

  /** Writes to the server log; empty detail and hint are left out. */
  void report(Level level, String message, String detail, String hint);

  /** A clock that nobody sets, nanoseconds. */
  long monotonicNanos();

  /** The copiers of the job. */
  CopierServer copiers();
}
