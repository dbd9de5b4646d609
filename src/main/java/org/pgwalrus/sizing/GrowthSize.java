package org.pgwalrus.sizing;

/**
 * The size that growth asks for, and what the limits leave of it.
 *
 * @param calculatedMb the size asked for in MB, 2147483647 at most
 * @param targetMb the size to set in MB
 * @param capped whether the ceiling made the difference
 */
record GrowthSize(int calculatedMb, int targetMb, boolean capped) {

  /** The size for this many forced checkpoints, within the policy's ceiling. */
  static GrowthSize of(Sample sample, Policy policy, long delta) {
    int segmentMb = sample.walSegmentMb();
    int leastMb = Policy.LEAST_SEGMENTS * segmentMb;
    int calculatedMb = multiplicative(sample.maxWalSizeMb(), delta);

    int ceilingMb = Policy.ceilingMb(policy.maxMb(), segmentMb);
    boolean capped = calculatedMb > ceilingMb;
    // A calculated size stays as it is; one that a limit dictates is a number of whole segments.
    int targetMb = capped ? ceilingMb - ceilingMb % segmentMb : calculatedMb;
    return new GrowthSize(calculatedMb, Math.max(targetMb, leastMb), capped);
  }

  /**
   * {@code currentMb * (delta + 1)}, saturating. With {@code delta} forced checkpoints in an
   * interval its WAL was below {@code delta + 1} trigger distances, and the trigger distance grows
   * in proportion to the size: this is the smallest size sure to hold the interval.
   *
   * @param currentMb the size now in MB, 1 or more
   * @param delta forced checkpoints, 0 or more
   */
  static int multiplicative(int currentMb, long delta) {
    // Compared before the multiplication, which overflows even 64 bits for the largest deltas.
    if (delta >= Integer.MAX_VALUE / currentMb) {
      return Integer.MAX_VALUE;
    }
    return (int) (currentMb * (delta + 1));
  }
}
