package org.pgwalrus.jobs;

import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.Interruption;
import org.pgwalrus.backend.JobServer;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.PlainText;

/** What is written about a job, as the owner of the extension. */
final class Books {

  private static final String SHARE =
      "SELECT steep_repl.share_progress($1::bigint, $2::boolean, $3::boolean)";
  private static final String FINISH = "SELECT steep_repl.finish_work($1::bigint, $2, $3)";
  private static final String UNDONE = "SELECT steep_repl.finish_undo($1::bigint)";

  /** What the encoding of the database lacks a character for. */
  private static final String UNTRANSLATABLE = "22P05";

  /** Somebody holds the row: that says nothing about the next try. */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** A signal may end the first try. */
  private static final int TRIES = 5;

  private final JobServer server;

  Books(JobServer server) {
    this.server = server;
  }

  /** Writes the progress to its table, announces it, or both; a failure is no reason to stop. */
  void share(ClaimedJob job, boolean persist, boolean announce) {
    try {
      server.executeAsOwner(
          SHARE, String.valueOf(job.id()), String.valueOf(persist), String.valueOf(announce));
    } catch (PgException e) {
      // A cancel is for the job: its next check point will find it.
      warn(job, "could not share its progress", e);
    }
  }

  /** Writes the final state and announces it, both or neither; returns what could be written. */
  Outcome finish(ClaimedJob job, Outcome outcome) {
    try {
      write(job, outcome);
      return outcome;
    } catch (PgException e) {
      if (!e.sqlState().equals(UNTRANSLATABLE)) {
        throw e;
      }
      Outcome plain = new Outcome(outcome.status(), PlainText.of(outcome.error()));
      write(job, plain);
      return plain;
    }
  }

  private void write(ClaimedJob job, Outcome outcome) {
    persistently(
        job, FINISH, String.valueOf(job.id()), outcome.status(), Frame.fitting(outcome.error()));
  }

  /** What a job has left behind is gone. */
  void undone(ClaimedJob job) {
    persistently(job, UNDONE, String.valueOf(job.id()));
  }

  private void persistently(ClaimedJob job, String sql, String... parameters) {
    for (int failures = 0; ; ) {
      try {
        server.executeAsOwner(sql, parameters);
        return;
      } catch (PgException e) {
        boolean terminated = server.interruption() == Interruption.TERMINATED;
        if (e.sqlState().equals(LOCK_NOT_AVAILABLE) && !terminated) {
          continue;
        }
        warn(job, "could not write down how it ended", e);
        failures++;
        if (failures == TRIES || e.sqlState().equals(UNTRANSLATABLE)) {
          throw e;
        }
      }
    }
  }

  void warn(ClaimedJob job, String what, PgException e) {
    server.report(
        Level.WARNING,
        "steep_repl: job " + job.id() + " " + what + ": " + e.message(),
        e.detail(),
        e.hint());
  }
}
