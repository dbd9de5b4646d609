package org.pgwalrus.sizing;

/**
 * What sizes are computed from where WAL rates are measured.
 *
 * @param emaAlpha the weight of the newest rate in the moving average, 0.01 to 1
 * @param targetPercentile the percentile of the rates that a size must hold, 1 to 100
 * @param headroom the factor on a rate, 1 or more, or 0 for the one usual in its place
 */
public record RatePolicy(double emaAlpha, double targetPercentile, double headroom) {

  /** The factor on a rate where this one is usual. */
  double headroomOr(double usual) {
    return headroom > 0 ? headroom : usual;
  }
}
