package org.pgwalrus.sizing;

/**
 * What the server showed at one moment. LSNs are byte positions in the WAL; a distance is their
 * difference, so the sign bit needs no care.
 *
 * <p>The redo position moves when a checkpoint starts. The counter may follow as late as the
 * checkpoint's end, but before the next one starts.
 *
 * @param monotonicSeconds a clock that never goes back, in seconds from any origin
 * @param requestedCheckpoints the cumulative count of requested checkpoints, -1 if unavailable
 * @param statsResetMicros when the counters were last reset, in microseconds from any epoch
 * @param insertLsn where the next WAL record goes
 * @param redoLsn where the newest checkpoint began, also while it still runs
 * @param maxWalSizeMb {@code max_wal_size} in MB, 2 or more
 * @param checkpointTimeoutSeconds {@code checkpoint_timeout} in seconds, 30 or more
 * @param completionTarget {@code checkpoint_completion_target}, 0 to 1
 * @param walSegmentMb the WAL segment size in MB, a power of two from 1 to 1024
 */
public record Sample(
    double monotonicSeconds,
    long requestedCheckpoints,
    long statsResetMicros,
    long insertLsn,
    long redoLsn,
    int maxWalSizeMb,
    int checkpointTimeoutSeconds,
    double completionTarget,
    int walSegmentMb) {

  /** The distance after which this server would force a checkpoint. */
  public TriggerDistance triggerDistance() {
    return TriggerDistance.of(maxWalSizeMb, completionTarget, walSegmentMb);
  }

  /**
   * The size in MB that this server needs for a WAL rate.
   *
   * @param rate in MB/s
   * @param headroom factor on it
   */
  int needMb(double rate, double headroom) {
    return SizeNeed.mb(rate, headroom, checkpointTimeoutSeconds, completionTarget, walSegmentMb);
  }
}
