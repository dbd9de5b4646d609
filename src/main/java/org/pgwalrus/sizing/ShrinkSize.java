package org.pgwalrus.sizing;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * The size that shrinking goes to, and the one that it never goes below.
 *
 * <p>That no checkpoint was forced means that the size is enough, not that it is too large: what
 * the measured WAL rates need is part of the floor. Without it, sizes would shrink until forced
 * checkpoints are back, grow, and shrink again.
 *
 * @param floorMb the floor in MB
 * @param targetMb the size to set in MB; no gain if it is not below the current one
 */
record ShrinkSize(int floorMb, int targetMb) {

  private static final double HEADROOM = 1.2;

  static ShrinkSize of(Situation situation) {
    Sample sample = situation.sample();
    ShrinkPolicy shrink = situation.policy().shrink();
    int segmentMb = sample.walSegmentMb();

    // Growth could not go back to a floor above its ceiling.
    int ceilingMb = Ceiling.max(sample, situation.policy()).alignedMb(segmentMb);
    int leastMb = Policy.LEAST_SEGMENTS * segmentMb;
    int floorMb = Math.max(Math.min(shrink.minSizeMb(), ceilingMb), leastMb);
    floorMb = Math.max(floorMb, rateFloorMb(situation.rates(), sample, situation.policy()));

    int scaledMb = scaled(sample.maxWalSizeMb(), shrink.factor());
    // As with growth, a size that a limit dictates is a number of whole segments.
    int targetMb = scaledMb < floorMb ? alignedUp(floorMb, segmentMb) : scaledMb;
    return new ShrinkSize(floorMb, targetMb);
  }

  /** The size in MB that the measured rates need, 0 while there are too few of them. */
  static int rateFloorMb(WalRates rates, Sample sample, Policy policy) {
    RatePolicy wanted = policy.rates();
    return rates.enough()
        ? sample.needMb(rates.percentile(wanted.targetPercentile()), wanted.headroomOr(HEADROOM))
        : 0;
  }

  /**
   * {@code currentMb * factor}, rounded up. In decimal, since the binary product of 100 and 0.07 is
   * above 7.
   *
   * @param currentMb the size now in MB
   * @param factor 0.01 to 0.99
   */
  static int scaled(int currentMb, double factor) {
    return BigDecimal.valueOf(factor)
        .multiply(BigDecimal.valueOf(currentMb))
        .setScale(0, RoundingMode.CEILING)
        .intValueExact();
  }

  private static int alignedUp(int mb, int segmentMb) {
    long segments = ((long) mb + segmentMb - 1) / segmentMb;
    return (int) Math.min(Integer.MAX_VALUE, segments * segmentMb);
  }
}
