package org.pgwalrus.sizing;

/**
 * How much WAL after a checkpoint's redo position makes PostgreSQL force the next one.
 *
 * <p>{@code CalculateCheckpointSegments()} in xlog.c divides {@code max_wal_size} in whole segments
 * by {@code 1 + checkpoint_completion_target}, rounds down, and takes one as the least: the WAL of
 * one checkpoint cycle and of the spread-out write before it must fit together. With the defaults,
 * 1 GB and 0.9, that is 33 segments or 528 MB.
 *
 * @param segments the server's {@code CheckPointSegments}, 1 or more
 * @param segmentMb the WAL segment size in MB
 */
public record TriggerDistance(int segments, int segmentMb) {

  /**
   * The distance that these settings give.
   *
   * @param maxWalSizeMb {@code max_wal_size} in MB
   * @param completionTarget {@code checkpoint_completion_target}, 0 to 1
   * @param segmentMb the WAL segment size in MB
   */
  public static TriggerDistance of(int maxWalSizeMb, double completionTarget, int segmentMb) {
    int wholeSegments = maxWalSizeMb / segmentMb;
    int segments = (int) (wholeSegments / (1.0 + completionTarget));
    return new TriggerDistance(Math.max(1, segments), segmentMb);
  }

  /** The nominal distance in MB. */
  public int megabytes() {
    return segments * segmentMb;
  }

  /**
   * The least WAL in MB between two checkpoints that WAL forces. {@code XLogCheckpointNeeded()} in
   * xlog.c looks at segment numbers: the segment just finished must be {@code segments - 1} past
   * the one that holds the redo position, wherever in it that position lies.
   */
  public int leastMegabytes() {
    return Math.max(1, segments - 1) * segmentMb;
  }

  /**
   * How many checkpoints this much WAL can have forced at most. At one segment every finished
   * segment forces a checkpoint, so the first may come after next to nothing: one more.
   *
   * @param walMb WAL since a redo position, in MB
   */
  public long mostForced(long walMb) {
    long whole = walMb / leastMegabytes();
    return segments == 1 ? whole + 1 : whole;
  }

  /**
   * Whether so little WAL cannot have forced a checkpoint; a tenth of the least distance is left as
   * margin. At one segment there is no such amount.
   *
   * @param walBytes WAL since a redo position, in bytes
   */
  public boolean cannotForce(long walBytes) {
    long leastBytes = (long) leastMegabytes() << 20;
    return segments > 1 && walBytes < leastBytes * 9 / 10;
  }

  /** The shorter of the two. */
  public TriggerDistance shorter(TriggerDistance other) {
    return other.segments < segments ? other : this;
  }
}
