package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/**
 * What the engine remembers between samples.
 *
 * @param interval the running interval, or null if there is no valid baseline and the next sample
 *     only takes one
 * @param quietIntervals consecutive intervals below the threshold, 0 to 1000000
 * @param reportedCeilingMb the ceiling in MB that the present episode of asking for more than it
 *     has been reported with, 0 for none; the episode ends when an interval is quiet or asks for a
 *     size within the ceiling, or when the ceiling changes
 */
public record State(@Nullable Interval interval, int quietIntervals, int reportedCeilingMb) {

  private static final int MOST_QUIET_INTERVALS = 1_000_000;

  /** Nothing seen yet. */
  public static State initial() {
    return new State(null, 0, 0);
  }

  /**
   * For when the time until the next sample must not count, as after a pause: the baseline and the
   * quiet intervals are dropped. An episode at the ceiling goes on, so it is not reported again.
   */
  public State withoutBaseline() {
    return new State(null, 0, reportedCeilingMb);
  }

  /** The same interval, one sample later. */
  State tracking(Interval extended) {
    return new State(extended, quietIntervals, reportedCeilingMb);
  }

  /** After a new baseline. */
  State rebased(Interval next) {
    return new State(next, 0, reportedCeilingMb);
  }

  /** After an interval below the threshold. */
  State quiet(Interval next) {
    return new State(next, Math.min(quietIntervals, MOST_QUIET_INTERVALS - 1) + 1, 0);
  }

  /**
   * After an interval at or above the threshold.
   *
   * @param next the interval that follows
   * @param cappedAtMb the ceiling in MB where it made the difference, 0 where it did not
   */
  State pressed(Interval next, int cappedAtMb) {
    return new State(next, 0, cappedAtMb);
  }
}
