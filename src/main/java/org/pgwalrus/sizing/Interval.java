package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.sizing.Decision.Baseline.Cause;

/**
 * The running interval: where it began, and what the samples since then have shown. A decision
 * closes it and opens the next one at the same sample, so no checkpoint is counted twice or lost.
 *
 * @param startSeconds the monotonic time of the sample that opened it
 * @param countMode how its checkpoints are counted
 * @param baseRequested the requested counter at its start
 * @param statsResetMicros the time of the last statistics reset at its start
 * @param startRedoLsn the redo position at its start
 * @param shortest the shortest trigger distance in force since its start
 * @param explained requested checkpoints since its start that WAL cannot have caused
 * @param lastRequested the requested counter of the newest sample
 * @param lastRedoLsn the redo position of the newest sample
 */
public record Interval(
    double startSeconds,
    CountMode countMode,
    long baseRequested,
    long statsResetMicros,
    long startRedoLsn,
    TriggerDistance shortest,
    long explained,
    long lastRequested,
    long lastRedoLsn) {

  /** Past this many timeouts nobody knows what the server did meanwhile: a suspended machine. */
  private static final double LONGEST_IN_TIMEOUTS = 4.0;

  /** The interval that this sample opens. */
  static Interval startingAt(Sample sample, CountMode countMode) {
    return new Interval(
        sample.monotonicSeconds(),
        countMode,
        sample.requestedCheckpoints(),
        sample.statsResetMicros(),
        sample.redoLsn(),
        sample.triggerDistance(),
        0,
        sample.requestedCheckpoints(),
        sample.redoLsn());
  }

  /** The monotonic time in seconds from which on the interval is decided. */
  public double deadline(int checkpointTimeoutSeconds) {
    return startSeconds + checkpointTimeoutSeconds;
  }

  /** Why this sample cannot be compared with the interval's start, or null if it can. */
  @Nullable Cause brokenBy(Sample sample, CountMode wanted) {
    if (wanted != countMode) {
      return Cause.COUNT_MODE_CHANGED;
    }
    if (sample.statsResetMicros() != statsResetMicros
        || sample.requestedCheckpoints() < lastRequested) {
      return Cause.STATISTICS_RESET;
    }
    if (sample.insertLsn() - startRedoLsn < 0 || sample.redoLsn() - lastRedoLsn < 0) {
      return Cause.WAL_WENT_BACK;
    }
    double elapsedSeconds = sample.monotonicSeconds() - startSeconds;
    if (elapsedSeconds > LONGEST_IN_TIMEOUTS * sample.checkpointTimeoutSeconds()) {
      return Cause.INTERVAL_TOO_LONG;
    }
    return null;
  }

  /** The same interval with one sample more; the sample must not break it. */
  Interval extendedBy(Sample sample) {
    TriggerDistance distance = shortest.shorter(sample.triggerDistance());
    return new Interval(
        startSeconds,
        countMode,
        baseRequested,
        statsResetMicros,
        startRedoLsn,
        distance,
        explained + newlyExplained(sample, distance),
        sample.requestedCheckpoints(),
        sample.redoLsn());
  }

  /**
   * The requests counted since the previous sample, if a redo step shows that WAL caused none of
   * them. The counter moves when a checkpoint starts and the redo position of the control file when
   * it ends, so a short step may belong to an earlier, timed checkpoint and the count to a forced
   * one that has just begun. Therefore the WAL after the step must be too little as well.
   */
  private long newlyExplained(Sample sample, TriggerDistance distance) {
    long redoStep = sample.redoLsn() - lastRedoLsn;
    boolean none =
        redoStep > 0
            && distance.cannotForce(redoStep)
            && distance.cannotForce(sample.insertLsn() - sample.redoLsn());
    return none ? sample.requestedCheckpoints() - lastRequested : 0;
  }
}
