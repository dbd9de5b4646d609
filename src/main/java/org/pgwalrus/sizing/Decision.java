package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/** What a sample leads to. */
public sealed interface Decision {

  /** The numbers behind it, or null if no interval was judged. */
  default @Nullable Evidence evidence() {
    return null;
  }

  /** The interval still runs; the sample has been taken into account. */
  record Waiting() implements Decision {}

  /** The server has no checkpoint statistics to offer; the state is as it was. */
  record Unavailable() implements Decision {}

  /**
   * The counter was remembered and nothing else done: there was nothing to compare it with.
   *
   * @param requestedCheckpoints the counter now
   * @param cause why
   */
  record Baseline(long requestedCheckpoints, Cause cause) implements Decision {

    /** What made a new baseline necessary. */
    public enum Cause {
      /** No interval was running. */
      FIRST_SAMPLE,
      /** The counter fell or its reset time changed. */
      STATISTICS_RESET,
      /** The interval was counted by another rule than the one now set. */
      COUNT_MODE_CHANGED,
      /** The interval lasted more than four checkpoint timeouts. */
      INTERVAL_TOO_LONG,
      /** A WAL position is before one seen earlier. */
      WAL_WENT_BACK
    }
  }

  /**
   * The interval stayed below the threshold.
   *
   * @param evidence the numbers behind it
   * @param quietIntervals how many in a row, this one included
   */
  record Quiet(Evidence evidence, int quietIntervals) implements Decision {}

  /**
   * There is pressure, but the size is no smaller than what may be set: growth never lowers it.
   *
   * @param evidence the numbers behind it
   * @param currentMb the size now in MB
   * @param targetMb what may be set in MB
   * @param reportCap whether the ceiling stands in the way and this has not been reported yet
   * @param calculatedMb what the pressure asks for in MB
   */
  record AlreadyThere(
      Evidence evidence, int currentMb, int targetMb, boolean reportCap, int calculatedMb)
      implements Decision {}

  /**
   * The size should grow.
   *
   * @param evidence the numbers behind it
   * @param fromMb the size now in MB
   * @param toMb the size to set in MB, two WAL segments or more
   * @param calculatedMb what the pressure asks for in MB
   * @param capped whether the ceiling is what {@code toMb} comes from
   * @param reportCap whether it is capped and this has not been reported yet
   */
  record Grow(
      Evidence evidence, int fromMb, int toMb, int calculatedMb, boolean capped, boolean reportCap)
      implements Decision {}
}
