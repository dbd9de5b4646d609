package org.pgwalrus.worker;

import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Evidence;
import org.pgwalrus.sizing.Policy;

/** Says in the server log what was decided and from which numbers. */
final class DecisionLog {

  private static final String PREFIX = "pg_walrus: ";

  private final Server server;

  /** Whether missing statistics have been reported since they were last there. */
  private boolean reportedUnavailable;

  DecisionLog(Server server) {
    this.server = server;
  }

  /** One line without detail. */
  void say(Level level, String text) {
    say(level, text, "");
  }

  /** One line, with what stands behind it. */
  void say(Level level, String text, String detail) {
    server.report(level, PREFIX + text, detail, "");
  }

  /** What the engine concluded; an applied growth is reported where it is applied. */
  void explain(Decision decision) {
    if (decision instanceof Decision.Baseline baseline) {
      say(
          Level.DEBUG1,
          "established baseline checkpoint count: " + baseline.requestedCheckpoints(),
          "Cause: " + baseline.cause() + ".");
    } else if (decision instanceof Decision.Unavailable && !reportedUnavailable) {
      say(Level.WARNING, "checkpoint statistics unavailable, skipping cycle");
    } else if (decision instanceof Decision.Quiet quiet) {
      say(
          Level.DEBUG1,
          "quiet interval, " + quiet.quietIntervals() + " in a row",
          detail(quiet.evidence()));
    } else if (decision instanceof Decision.AlreadyThere there) {
      explain(there);
    } else if (decision instanceof Decision.Grow grow && grow.reportCap()) {
      cap(grow.calculatedMb(), grow.evidence());
    }
    reportedUnavailable = decision instanceof Decision.Unavailable;
  }

  private void explain(Decision.AlreadyThere there) {
    if (there.reportCap()) {
      cap(there.calculatedMb(), there.evidence());
      if (there.currentMb() > ceilingMb()) {
        say(
            Level.LOG,
            "max_wal_size ("
                + there.currentMb()
                + " MB) is above walrus.max ("
                + ceilingMb()
                + " MB) and left alone");
      }
    }
    say(
        Level.DEBUG1,
        "max_wal_size already at maximum (" + there.currentMb() + " MB)",
        detail(there.evidence()));
  }

  /** What {@code walrus.max} comes to, whether or not it is a whole number of segments. */
  private int ceilingMb() {
    return Policy.ceilingMb(server.get(Settings.MAX), server.walSegmentMb());
  }

  private void cap(int calculatedMb, Evidence evidence) {
    say(
        Level.WARNING,
        "requested max_wal_size of "
            + calculatedMb
            + " MB exceeds maximum of "
            + ceilingMb()
            + " MB; using maximum",
        detail(evidence));
  }

  /** The numbers behind a decision, in sentences. */
  static String detail(Evidence evidence) {
    return "Requested checkpoints: "
        + evidence.rawDelta()
        + ", of which "
        + evidence.delta()
        + " count as forced by WAL. WAL since the interval began: "
        + evidence.walMb()
        + " MB in "
        + seconds(evidence)
        + " s; the server forced a checkpoint every "
        + evidence.triggerDistanceMb()
        + " MB.";
  }

  /** Whole seconds. */
  static long seconds(Evidence evidence) {
    return Math.round(evidence.elapsedSeconds());
  }
}
