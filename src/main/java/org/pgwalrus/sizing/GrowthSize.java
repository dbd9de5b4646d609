package org.pgwalrus.sizing;

/**
 * The size that growth asks for, and what the limits leave of it.
 *
 * @param calculatedMb the size asked for in MB, 2147483647 at most
 * @param targetMb the size to set in MB, two WAL segments or more
 * @param ceiling what made the difference, {@link Ceiling#NONE} if nothing did
 * @param algorithm the algorithm in effect
 */
record GrowthSize(int calculatedMb, int targetMb, Ceiling ceiling, Algorithm algorithm) {

  static GrowthSize of(Situation situation, Demand demand) {
    if (!situation.pressed()) {
      Algorithm algorithm = situation.policy().growth().algorithm();
      return within(situation, demand.projectedMb(), algorithm);
    }
    Calculation calculation = Calculation.of(situation);
    int calculatedMb = Math.max(calculation.mb(), demand.projectedMb());
    return within(situation, calculatedMb, calculation.algorithm());
  }

  private static GrowthSize within(Situation situation, int calculatedMb, Algorithm algorithm) {
    Sample sample = situation.sample();
    Ceiling lowest = Ceiling.lowest(sample, situation.policy(), situation.disk());
    if (calculatedMb > lowest.mb()) {
      // A calculated size stays as it is; one that a limit dictates is a number of whole segments.
      int targetMb = lowest.alignedMb(sample.walSegmentMb());
      return new GrowthSize(calculatedMb, targetMb, lowest, algorithm);
    }
    int leastMb = Policy.LEAST_SEGMENTS * sample.walSegmentMb();
    return new GrowthSize(calculatedMb, Math.max(calculatedMb, leastMb), Ceiling.NONE, algorithm);
  }
}
