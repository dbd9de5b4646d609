package org.pgwalrus.jobs;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.JobServer;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;

/** Runs the jobs of one role, one after another, until none of its jobs is next in the queue. */
public final class JobRunner {

  private static final String QUERY_CANCELED = "57014";
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final JobServer server;
  private final JobKinds kinds;
  private final Books books;

  /** A runner that has done nothing yet. */
  public JobRunner(JobServer server, JobKinds kinds) {
    this.server = server;
    this.kinds = kinds;
    books = new Books(server);
  }

  /** Runs jobs while there are any. */
  public void run() {
    for (ClaimedJob job = claim(); job != null; job = claim()) {
      if (job.undo()) {
        undoForAnother(job);
      } else {
        run(job);
      }
    }
  }

  /** A cancel that comes between two jobs is for neither, and locks of others come and go. */
  private @Nullable ClaimedJob claim() {
    while (true) {
      try {
        return server.claim();
      } catch (PgException e) {
        if (!e.sqlState().equals(QUERY_CANCELED) && !e.sqlState().equals(LOCK_NOT_AVAILABLE)) {
          throw e;
        }
      }
    }
  }

  private void run(ClaimedJob claimed) {
    Progress.begin(server, claimed);
    Session session = new Session(server, claimed);
    Job job = null;
    Outcome outcome;
    try {
      job = kinds.find(claimed.operation()).open(session);
      perform(claimed, session, job);
      outcome = Outcome.COMPLETE;
    } catch (RuntimeException | Error e) {
      outcome = outcomeOf(e);
    }
    session.close();
    if (!outcome.isComplete()) {
      undo(claimed, job);
    }
    Progress.end(server, books.finish(claimed, outcome));
  }

  private void perform(ClaimedJob claimed, Session session, Job job) {
    session.checkPoint();
    Plan plan = job.plan();
    Progress progress = new Progress(server, claimed, books, plan);
    for (Stage stage : plan.stages()) {
      session.checkPoint();
      progress.enter(stage);
      while (stage.step().run(progress)) {
        session.checkPoint();
      }
    }
  }

  /** Why it ended: a signal counts more than the error that it caused. */
  private Outcome outcomeOf(Throwable thrown) {
    return switch (server.interruption()) {
      case CANCELLED -> Outcome.cancelled();
      case TERMINATED ->
          Outcome.failed("the worker was terminated by an administrator or a server shutdown");
      case DISABLED ->
          Outcome.failed("the database was disabled or unregistered for jobs while the job ran");
      case NONE -> Outcome.failed(describe(thrown));
    };
  }

  private static String describe(Throwable thrown) {
    if (thrown instanceof PgException e) {
      StringBuilder text = new StringBuilder(e.message());
      text.append(" (SQLSTATE ").append(e.sqlState()).append(')');
      if (!e.detail().isEmpty()) {
        text.append("\nDETAIL: ").append(e.detail());
      }
      if (!e.hint().isEmpty()) {
        text.append("\nHINT: ").append(e.hint());
      }
      return text.toString();
    }
    return thrown instanceof JobException ? String.valueOf(thrown.getMessage()) : thrown.toString();
  }

  private void undo(ClaimedJob claimed, @Nullable Job job) {
    try {
      if (job != null) {
        job.undo();
      }
      books.undone(claimed);
    } catch (RuntimeException | Error e) {
      // It stays marked in the queue, and another worker tries again.
      server.report(
          Level.WARNING,
          "steep_repl: job " + claimed.id() + " could not be undone: " + describe(e),
          "",
          "");
    }
  }

  /** The worker that ran the job is dead, and the queue tells so already. */
  private void undoForAnother(ClaimedJob claimed) {
    Job job = null;
    try {
      job = kinds.find(claimed.operation()).open(new Session(server, claimed));
    } catch (JobException e) {
      server.report(
          Level.LOG,
          "steep_repl: nothing to undo for job " + claimed.id() + ": " + e.getMessage(),
          "",
          "");
    }
    undo(claimed, job);
    server.endJob();
  }
}
