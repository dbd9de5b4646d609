package org.pgwalrus.sizing;

/**
 * The WAL rate that a storm comes down to once its checkpoints are a whole timeout apart.
 *
 * <p>The first change of a page after a checkpoint writes the whole page to WAL ({@code
 * full_page_writes}), so a storm writes most pages over and over. The distinct pages that a load
 * changes grow with time like the distinct words of a text with its length (Heaps' law): slower
 * than in proportion. An exponent of 0.6 lies between the square root, for loads with a hot set,
 * and 0.73 as measured with pgbench, whose rows are all equally likely.
 */
final class SettledRate {

  private static final double GROWTH_OF_DISTINCT_PAGES = 0.6;

  private SettledRate() {}

  /**
   * The rate, in MB/s.
   *
   * @param rate the measured one, in MB/s
   * @param fullPageShare the share of full-page images in it, 0 to 1
   * @param distance after how much WAL checkpoints were forced meanwhile
   * @param timeoutSeconds {@code checkpoint_timeout} in seconds
   */
  static double of(
      double rate, double fullPageShare, TriggerDistance distance, int timeoutSeconds) {
    double cycleSeconds = distance.megabytes() / rate;
    if (!(cycleSeconds < timeoutSeconds)) {
      return rate;
    }
    double remaining = Math.pow(cycleSeconds / timeoutSeconds, 1 - GROWTH_OF_DISTINCT_PAGES);
    return rate * (1 - fullPageShare * (1 - remaining));
  }
}
