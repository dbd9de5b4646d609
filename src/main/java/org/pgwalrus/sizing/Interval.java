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
 * @param inherited 1 if a checkpoint that WAL may have forced was begun in the interval before and
 *     may not be counted until this one, else 0
 * @param shortest the shortest trigger distance in force since its start
 * @param explained requested checkpoints since its start that WAL cannot have caused
 * @param lastRequested the requested counter of the newest sample
 * @param lastRedoLsn the redo position of the newest sample
 * @param forcedUncounted whether the checkpoint that begins there may be one that WAL forced and
 *     that is not counted yet
 * @param flow how fast WAL is written
 */
public record Interval(
    double startSeconds,
    CountMode countMode,
    long baseRequested,
    long statsResetMicros,
    long startRedoLsn,
    long inherited,
    TriggerDistance shortest,
    long explained,
    long lastRequested,
    long lastRedoLsn,
    boolean forcedUncounted,
    WalFlow flow) {

  /** Past this many timeouts nobody knows what the server did meanwhile: a suspended machine. */
  private static final double LONGEST_IN_TIMEOUTS = 4.0;

  /**
   * The interval that this sample opens after a gap. Nobody knows where its newest checkpoint came
   * from: its request is not explained, but neither does it add to what WAL can have forced since.
   */
  static Interval startingAt(Sample sample, CountMode countMode) {
    return startingAt(sample, countMode, 0, true, WalFlow.startingAt(sample));
  }

  /**
   * The interval that this sample opens while it closes this one, which has been extended by it.
   */
  Interval followedAt(Sample sample) {
    return startingAt(
        sample, countMode, forcedUncounted ? 1 : 0, forcedUncounted, flow.carriedOver(sample));
  }

  /**
   * The interval that this sample opens in place of this one, which it has not extended, or null if
   * it can open none. The ring of rates goes without what is left off.
   */
  @Nullable Interval restartedAt(Sample sample) {
    if (sample.requestedCheckpoints() < 0) {
      return null;
    }
    return brokenBy(sample, countMode) == null
        ? extendedBy(sample).followedAt(sample)
        : startingAt(sample, countMode);
  }

  private static Interval startingAt(
      Sample sample, CountMode countMode, long inherited, boolean forcedUncounted, WalFlow flow) {
    return new Interval(
        sample.monotonicSeconds(),
        countMode,
        sample.requestedCheckpoints(),
        sample.statsResetMicros(),
        sample.redoLsn(),
        inherited,
        sample.triggerDistance(),
        0,
        sample.requestedCheckpoints(),
        sample.redoLsn(),
        forcedUncounted,
        flow);
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

  /**
   * The same interval with one sample more; the sample must not break it.
   *
   * <p>Checkpoints do not overlap, and each is counted before the next one begins. So the requests
   * counted since the previous sample belong to the checkpoint that was the newest then or to those
   * begun since. WAL caused none of them if it did not force that one and the redo step since, if
   * any, is too short for it to have forced another. The WAL after the step must be too little as
   * well, because the counter is read a moment after the WAL positions.
   */
  Interval extendedBy(Sample sample) {
    TriggerDistance distance = shortest.shorter(sample.triggerDistance());
    long counted = sample.requestedCheckpoints() - lastRequested;
    long redoStep = sample.redoLsn() - lastRedoLsn;
    boolean mayBeForced = redoStep > 0 && !distance.cannotForce(redoStep);
    boolean notFromWal =
        !forcedUncounted
            && !mayBeForced
            && distance.cannotForce(sample.insertLsn() - sample.redoLsn());
    Interval extended =
        new Interval(
            startSeconds,
            countMode,
            baseRequested,
            statsResetMicros,
            startRedoLsn,
            inherited,
            distance,
            explained + (notFromWal ? counted : 0),
            sample.requestedCheckpoints(),
            sample.redoLsn(),
            // Without a step, what has been counted is the newest checkpoint itself.
            redoStep > 0 ? mayBeForced : forcedUncounted && counted == 0,
            flow.extendedBy(sample));
    boolean firstPressure = flow.pressedSince() == null && extended.pressure(sample) > 0;
    return firstPressure ? extended.pressedAt(sample) : extended;
  }

  /**
   * The effective delta so far. Most samples see no request, and need no evidence for that.
   *
   * @param end the sample that has extended the interval last
   */
  long pressure(Sample end) {
    return lastRequested == baseRequested ? 0 : Evidence.of(this, end).delta();
  }

  private Interval pressedAt(Sample sample) {
    return new Interval(
        startSeconds,
        countMode,
        baseRequested,
        statsResetMicros,
        startRedoLsn,
        inherited,
        shortest,
        explained,
        lastRequested,
        lastRedoLsn,
        forcedUncounted,
        flow.pressedAt(sample));
  }
}
