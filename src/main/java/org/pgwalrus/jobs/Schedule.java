package org.pgwalrus.jobs;

/** When something is due that must not come too often. */
final class Schedule {

  private boolean begun;
  private long last;

  /** Whether the interval since the last time is over; it begins anew then. */
  boolean isDue(long nowNanos, long intervalNanos) {
    if (begun && nowNanos - last < intervalNanos) {
      return false;
    }
    begun = true;
    last = nowNanos;
    return true;
  }

  /** As if it had just been due. */
  void restart(long nowNanos) {
    begun = true;
    last = nowNanos;
  }
}
