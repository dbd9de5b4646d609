package org.pgwalrus.sizing;

/**
 * What the administrator asked for, as set; values that the server could not live with are
 * corrected where they are used.
 *
 * @param maxMb the ceiling of growth in MB, 2 or more; less than two WAL segments is taken as two
 * @param threshold the smallest effective delta of an interval that is pressure, 1 or more
 * @param countMode which requested checkpoints count
 */
public record Policy(int maxMb, int threshold, CountMode countMode) {

  /** PostgreSQL does not start with a {@code max_wal_size} of fewer segments. */
  static final int LEAST_SEGMENTS = 2;

  /**
   * The ceiling that growth really has: PostgreSQL does not start with fewer than two segments.
   *
   * @param maxMb the ceiling as set, in MB
   * @param walSegmentMb the WAL segment size in MB
   */
  public static int ceilingMb(int maxMb, int walSegmentMb) {
    return Math.max(maxMb, LEAST_SEGMENTS * walSegmentMb);
  }
}
