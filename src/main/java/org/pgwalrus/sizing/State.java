package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/**
 * What the engine remembers between samples.
 *
 * @param interval the running interval, or null if there is no valid baseline and the next sample
 *     only takes one
 * @param quietIntervals consecutive intervals below the threshold, 0 to 1000000
 * @param atCapReported whether the present episode of asking for more than the ceiling has been
 *     reported; it ends when an interval is quiet or asks for a size within the ceiling
 */
public record State(@Nullable Interval interval, int quietIntervals, boolean atCapReported) {

  private static final int MOST_QUIET_INTERVALS = 1_000_000;

  /** Nothing seen yet. */
  public static State initial() {
    return new State(null, 0, false);
  }

  /**
   * For when the time until the next sample must not count, as after a pause: the baseline and the
   * quiet intervals are dropped. An episode at the ceiling goes on, so it is not reported again.
   */
  public State withoutBaseline() {
    return new State(null, 0, atCapReported);
  }

  /** The same interval, one sample later. */
  State tracking(Interval extended) {
    return new State(extended, quietIntervals, atCapReported);
  }

  /** After a new baseline. */
  State rebased(Interval next) {
    return new State(next, 0, atCapReported);
  }

  /** After an interval below the threshold. */
  State quiet(Interval next) {
    return new State(next, Math.min(quietIntervals, MOST_QUIET_INTERVALS - 1) + 1, false);
  }

  /** After an interval at or above the threshold. */
  State pressed(Interval next, boolean capped) {
    return new State(next, 0, capped);
  }
}
