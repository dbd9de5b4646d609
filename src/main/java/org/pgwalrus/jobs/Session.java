package org.pgwalrus.jobs;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.JobServer;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;

/** The server as a job sees it: with the rights of the role that queued it. Main thread only. */
public final class Session {

  private static final String PARAMETER =
      "SELECT params ->> $2 FROM steep_repl.work_queue WHERE id = $1::bigint";

  private final JobServer server;
  private final ClaimedJob job;
  private final Copiers copiers;

  Session(JobServer server, ClaimedJob job) {
    this.server = server;
    this.job = job;
    copiers = new Copiers(server.copiers(), this::checkPoint);
  }

  /** The job's number. */
  public long id() {
    return job.id();
  }

  /** The id of its snapshot or merge, else its number. */
  public String operationId() {
    return job.operationId();
  }

  /**
   * A parameter that was queued with the job, null when there is none of that name.
   *
   * @param name a key of {@code work_queue.params}
   */
  public @Nullable String parameter(String name) {
    return server.executeAsOwner(PARAMETER, String.valueOf(id()), name);
  }

  /**
   * Runs a statement in a transaction of its own.
   *
   * @param parameters the values of {@code $1} to {@code $3}, texts
   * @return the first value of the first row as text
   * @throws PgException when it fails
   */
  public @Nullable String execute(String sql, String... parameters) {
    return server.execute(sql, parameters);
  }

  /** The same as the owner of the extension: for functions that keep the books of the job. */
  public @Nullable String executeAsOwner(String sql, String... parameters) {
    return server.executeAsOwner(sql, parameters);
  }

  /** The same, for a statement that always returns a whole number. */
  public long number(String sql, String... parameters) {
    String value = execute(sql, parameters);
    if (value == null) {
      throw new IllegalStateException("no number: " + sql);
    }
    return Long.parseLong(value);
  }

  /**
   * To be called often by long work in Java.
   *
   * @throws PgException when the job is to end
   */
  public void checkPoint() {
    server.checkPoint();
  }

  /** Further sessions of the same role, none at first. */
  public Copiers copiers() {
    return copiers;
  }

  /** Ends what the job has not ended itself. */
  void close() {
    copiers.close();
  }

  /** Writes to the server log. */
  public void log(String message) {
    report(Level.LOG, message);
  }

  /** Writes to the server log what somebody may have to do something about. */
  public void warn(String message) {
    report(Level.WARNING, message);
  }

  private void report(Level level, String message) {
    server.report(level, "steep_repl: job " + id() + ": " + message, "", "");
  }
}
