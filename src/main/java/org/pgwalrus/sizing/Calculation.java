package org.pgwalrus.sizing;

/**
 * The size that an algorithm asks for when there is pressure.
 *
 * @param algorithm the one in effect
 * @param mb the size in MB, above the current one unless saturated at 2147483647
 */
record Calculation(Algorithm algorithm, int mb) {

  private static final double ADAPTIVE_HEADROOM = 1.5;
  private static final double PERCENTILE_HEADROOM = 1.2;

  static Calculation of(Situation situation) {
    Algorithm algorithm = inEffect(situation);
    int currentMb = situation.currentMb();
    int incrementMb = situation.policy().growth().additiveIncrementMb();
    long delta = situation.evidence().delta();
    int mb =
        switch (algorithm) {
          case MULTIPLICATIVE -> multiplicative(currentMb, delta);
          case ADDITIVE -> additive(currentMb, delta, incrementMb);
          case ADAPTIVE -> situation.needMb(situation.rates().ema(), ADAPTIVE_HEADROOM);
          case PERCENTILE -> situation.needMb(situation.targetRate(), PERCENTILE_HEADROOM);
        };
    // The rates of calmer times may need less than there is, which is plainly not enough now.
    return new Calculation(algorithm, mb > currentMb ? mb : additive(currentMb, 1, incrementMb));
  }

  /** The one set, or the default until there are enough rates for it. */
  private static Algorithm inEffect(Situation situation) {
    Algorithm algorithm = situation.policy().growth().algorithm();
    boolean ready =
        switch (algorithm) {
          case MULTIPLICATIVE, ADDITIVE -> true;
          case ADAPTIVE, PERCENTILE -> situation.rates().enough();
        };
    return ready ? algorithm : Algorithm.MULTIPLICATIVE;
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

  /**
   * {@code currentMb + delta * incrementMb}, saturating.
   *
   * @param currentMb the size now in MB, 1 or more
   * @param delta forced checkpoints, 0 or more
   * @param incrementMb the step in MB, 1 or more
   */
  static int additive(int currentMb, long delta, int incrementMb) {
    if (delta > (Integer.MAX_VALUE - currentMb) / incrementMb) {
      return Integer.MAX_VALUE;
    }
    return (int) (currentMb + delta * incrementMb);
  }
}
