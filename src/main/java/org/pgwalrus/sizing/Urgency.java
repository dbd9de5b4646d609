package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/** When a running interval is to be decided. */
final class Urgency {

  private Urgency() {}

  /**
   * Why it is to be decided now, or null if it is not.
   *
   * @param interval the running interval, extended by the sample
   * @param sample the server now
   * @param policy the settings now
   * @param pause what keeps early decisions back, if anything
   */
  static @Nullable Trigger of(
      Interval interval, Sample sample, Policy policy, @Nullable Pause pause) {
    boolean over =
        sample.monotonicSeconds() >= interval.deadline(sample.checkpointTimeoutSeconds());
    boolean paused = pause != null && pause.lasts(sample, policy);
    if (policy.growth().earlyReaction()
        && !paused
        && storm(interval, sample, policy)
        && (!over || young(interval, sample))) {
      return Trigger.EARLY;
    }
    if (over) {
      return Trigger.REACTIVE;
    }
    return !paused && Demand.foreseen(interval.flow(), sample, policy) ? Trigger.PROACTIVE : null;
  }

  /**
   * Whether there is pressure and its rate is known. If all of it came with the last step, nobody
   * can tell how much of that step the storm filled: one sample more shows its rate.
   */
  private static boolean storm(Interval interval, Sample sample, Policy policy) {
    return interval.pressure(sample) >= policy.threshold()
        && !Double.isNaN(interval.flow().underPressure(sample));
  }

  /** Whether the interval as a whole says too little of a storm that only its end has seen. */
  private static boolean young(Interval interval, Sample sample) {
    WalPoint since = interval.flow().pressedSince();
    return since != null
        && since.secondsTo(sample) < (sample.monotonicSeconds() - interval.startSeconds()) / 2;
  }
}
