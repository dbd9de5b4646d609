package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/**
 * What the engine remembers between samples.
 *
 * @param interval the running interval, or null if there is no valid baseline and the next sample
 *     only takes one
 * @param quietIntervals consecutive intervals below the threshold, 0 to 1000000
 * @param reported the ceiling that the present episode of asking for more than it has been reported
 *     with, or {@link Ceiling#NONE}; the episode ends when an interval is quiet or asks for a size
 *     within the ceilings, or when the ceiling becomes another
 * @param pause what keeps early decisions back, or null
 * @param rates the WAL rates of past intervals
 * @param applied when sizes were changed
 * @param trials when sizes would have been changed in a dry run
 */
public record State(
    @Nullable Interval interval,
    int quietIntervals,
    Ceiling reported,
    @Nullable Pause pause,
    WalRates rates,
    ChangeLedger applied,
    ChangeLedger trials) {

  private static final int MOST_QUIET_INTERVALS = 1_000_000;

  /** Nothing seen yet. */
  public static State initial() {
    return restored(WalRates.none(), ChangeLedger.none(), ChangeLedger.none());
  }

  /** What a restarted worker knows from the one before it. */
  public static State restored(WalRates rates, ChangeLedger applied, ChangeLedger trials) {
    return new State(null, 0, Ceiling.NONE, null, rates, applied, trials);
  }

  /**
   * For when the time until the next sample must not count, as after a pause: the baseline and the
   * quiet intervals are dropped. An episode at a ceiling goes on, so it is not reported again.
   */
  public State withoutBaseline() {
    return new State(null, 0, reported, pause, rates, applied, trials);
  }

  /**
   * After a change that was decided has been made. The quiet intervals that a shrink has used up
   * are counted anew.
   *
   * @param now monotonic seconds
   */
  public State applied(Change change, double now) {
    int quiet = change.kind() == Change.Kind.DECREASE ? 0 : quietIntervals;
    return new State(interval, quiet, reported, pause, rates, applied.with(now), trials);
  }

  /**
   * After a change that somebody asked for has been made. Its checkpoints are not counted again,
   * and nothing is decided early on the size before it.
   *
   * @param sample what the change was calculated from
   */
  public State appliedManually(Change change, Sample sample) {
    double until = sample.monotonicSeconds() + sample.checkpointTimeoutSeconds();
    return new State(
        interval == null ? null : interval.restartedAt(sample),
        0,
        reported,
        new Pause(until, change.fromMb(), Integer.MAX_VALUE),
        rates,
        applied.touched(sample.monotonicSeconds()),
        trials);
  }

  /** The size in MB that the measured WAL rates need, 0 while too little is measured. */
  public int rateFloorMb(Sample sample, Policy policy) {
    return ShrinkSize.rateFloorMb(rates, sample, policy);
  }

  /** The same interval, one sample later. */
  State tracking(Interval extended) {
    return new State(extended, quietIntervals, reported, pause, rates, applied, trials);
  }

  /** After a new baseline. */
  State rebased(Interval next) {
    return new State(next, 0, reported, pause, rates, applied, trials);
  }

  /** After an interval without reason to grow. */
  State quiet(Interval next, WalRates measured, int quiet) {
    return new State(next, quiet, Ceiling.NONE, pause, measured, applied, trials);
  }

  /**
   * After an interval with reason to grow.
   *
   * @param next the interval that follows
   * @param measured the rates with the interval's own
   * @param ceiling what was in the way, or {@link Ceiling#NONE}
   * @param until what keeps early decisions back now
   */
  State pressed(Interval next, WalRates measured, Ceiling ceiling, Pause until) {
    return new State(next, 0, ceiling, until, measured, applied, trials);
  }

  /** After a change that a dry run would have made now. */
  State tried(double now) {
    return new State(interval, 0, reported, pause, rates, applied, trials.with(now));
  }

  /** A count of quiet intervals and one more. */
  static int oneMore(int quietIntervals) {
    return Math.min(quietIntervals, MOST_QUIET_INTERVALS - 1) + 1;
  }
}
