package org.pgwalrus.sizing;

/** The size that a WAL rate needs for its checkpoints to be started by the timer alone. */
public final class SizeNeed {

  /** One that {@code XLogCheckpointNeeded()} is early by, one lost in rounding the distance. */
  private static final int SPARE_SEGMENTS = 2;

  private SizeNeed() {}

  /**
   * The smallest whole number of segments whose {@linkplain TriggerDistance trigger distance} holds
   * the WAL of one {@code checkpoint_timeout}: {@code (1 + c) * (rate * timeout * headroom + 2
   * segments)}, since PostgreSQL forces a checkpoint at {@code max_wal_size / (1 + c)}.
   *
   * @param rateMbPerSecond MB/s, 0 or more; of NaN, an unknown rate, comes 0
   * @param headroom factor on the rate, 1 or more
   * @param timeoutSeconds {@code checkpoint_timeout} in seconds
   * @param completionTarget {@code checkpoint_completion_target}, 0 to 1
   * @param segmentMb the WAL segment size in MB
   * @return MB, 2147483647 at most
   */
  public static int mb(
      double rateMbPerSecond,
      double headroom,
      int timeoutSeconds,
      double completionTarget,
      int segmentMb) {
    double walMb = rateMbPerSecond * timeoutSeconds * headroom;
    double sizeMb = (1 + completionTarget) * (walMb + SPARE_SEGMENTS * segmentMb);
    // The cast saturates, and makes 0 of NaN.
    return (int) (Math.ceil(sizeMb / segmentMb) * segmentMb);
  }
}
