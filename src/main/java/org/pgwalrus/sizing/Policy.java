package org.pgwalrus.sizing;

/**
 * What the administrator asked for, as set; values that the server could not live with are
 * corrected where they are used.
 *
 * @param maxMb the ceiling of growth in MB, 2 or more; less than two WAL segments is taken as two
 * @param threshold the smallest effective delta of an interval that is pressure, 1 or more
 * @param countMode which requested checkpoints count
 * @param growth how sizes grow
 * @param shrink how sizes shrink
 * @param rates what sizes are computed from where WAL rates are measured
 * @param rateLimit how often sizes change
 * @param caps what else than the ceiling keeps growth within bounds
 * @param trial whether changes are decided and not made, as in a dry run or to advise
 */
public record Policy(
    int maxMb,
    int threshold,
    CountMode countMode,
    GrowthPolicy growth,
    ShrinkPolicy shrink,
    RatePolicy rates,
    RateLimit rateLimit,
    CapPolicy caps,
    boolean trial) {

  /** PostgreSQL does not start with a {@code max_wal_size} of fewer segments. */
  static final int LEAST_SEGMENTS = 2;

  /** The same, with changes decided and not made. */
  public Policy asTrial() {
    return trial
        ? this
        : new Policy(maxMb, threshold, countMode, growth, shrink, rates, rateLimit, caps, true);
  }

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
