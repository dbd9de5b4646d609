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
   * There is no reason to grow, and none to shrink yet.
   *
   * @param evidence the numbers behind it
   * @param quietIntervals how many intervals in a row were quiet, this one included
   * @param stay why the size does not shrink
   */
  record Quiet(Evidence evidence, int quietIntervals, Stay stay) implements Decision {}

  /**
   * There is reason to grow, but the size is no smaller than what may be set: growth never lowers
   * it.
   *
   * @param evidence the numbers behind it
   * @param currentMb the size now in MB
   * @param targetMb what may be set in MB
   * @param calculatedMb what was asked for in MB
   * @param limitedBy what made {@code targetMb} of it
   * @param reportLimit whether that has not been reported yet
   */
  record AlreadyThere(
      Evidence evidence,
      int currentMb,
      int targetMb,
      int calculatedMb,
      Limit limitedBy,
      boolean reportLimit)
      implements Decision {}

  /**
   * The size is to be changed now.
   *
   * @param evidence the numbers behind it
   * @param change what to change
   * @param reportLimit whether it is limited and this has not been reported yet
   */
  record Resize(Evidence evidence, Change change, boolean reportLimit) implements Decision {}

  /**
   * The size would be changed now if this were no dry run.
   *
   * @param evidence the numbers behind it
   * @param change what would be changed
   * @param reportLimit whether it is limited and this has not been reported yet
   */
  record Trial(Evidence evidence, Change change, boolean reportLimit) implements Decision {}

  /**
   * The size should be changed, but was changed too often or too recently.
   *
   * @param evidence the numbers behind it
   * @param change what should be changed
   * @param block what stands against it
   * @param reportLimit whether the change is limited and this has not been reported yet
   */
  record Blocked(Evidence evidence, Change change, Block block, boolean reportLimit)
      implements Decision {}
}
