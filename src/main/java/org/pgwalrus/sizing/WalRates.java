package org.pgwalrus.sizing;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The mean WAL rates of the last decision intervals in MB/s, 100 at most, and their exponential
 * moving average. With {@code checkpoint_timeout} at its default that is the last 8 hours.
 */
public final class WalRates {

  /** How many are kept. */
  public static final int CAPACITY = 100;

  /** Fewer say nothing about the next interval. */
  private static final int ENOUGH = 3;

  private static final WalRates NONE = new WalRates(new double[0], Double.NaN);

  /** Oldest first. */
  private final double[] rates;

  /** The same, smallest first: each decision asks for several percentiles. */
  private final double[] ascending;

  private final double ema;

  private WalRates(double[] rates, double ema) {
    this.rates = rates;
    this.ascending = rates.clone();
    Arrays.sort(ascending);
    this.ema = ema;
  }

  /** Nothing measured yet. */
  public static WalRates none() {
    return NONE;
  }

  /**
   * Rates as they were kept.
   *
   * @param oldestFirst in MB/s; the newest 100 are kept
   * @param ema their moving average, NaN to begin one with the next rate
   */
  public static WalRates of(double[] oldestFirst, double ema) {
    int oldest = Math.max(0, oldestFirst.length - CAPACITY);
    return new WalRates(Arrays.copyOfRange(oldestFirst, oldest, oldestFirst.length), ema);
  }

  /**
   * These and a newer one.
   *
   * @param rate in MB/s
   * @param alpha its weight in the moving average, above 0 to 1
   */
  public WalRates with(double rate, double alpha) {
    double[] longer = Arrays.copyOf(rates, rates.length + 1);
    longer[rates.length] = rate;
    return of(longer, Double.isNaN(ema) ? rate : alpha * rate + (1 - alpha) * ema);
  }

  /** How many there are. */
  public int count() {
    return rates.length;
  }

  /** Whether there are enough to size by. */
  boolean enough() {
    return rates.length >= ENOUGH && !Double.isNaN(ema);
  }

  /** The newest, NaN without any. */
  public double latest() {
    return rates.length == 0 ? Double.NaN : rates[rates.length - 1];
  }

  /** Their mean, NaN without any. */
  public double mean() {
    double sum = 0;
    for (double rate : rates) {
      sum += rate;
    }
    return sum / rates.length;
  }

  /** The highest, NaN without any. */
  public double max() {
    return percentile(100);
  }

  /**
   * The smallest rate that at least this share of all does not exceed (nearest rank); NaN without
   * any.
   *
   * @param percent 0 to 100
   */
  public double percentile(double percent) {
    if (ascending.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(percent * ascending.length / 100);
    return ascending[Math.max(rank, 1) - 1];
  }

  /** Their exponential moving average, NaN without any. */
  public double ema() {
    return ema;
  }

  /** The rates, oldest first. */
  public double[] toArray() {
    return rates.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof WalRates that
            && Double.compare(ema, that.ema) == 0
            && Arrays.equals(rates, that.rates));
  }

  @Override
  public int hashCode() {
    return 31 * Double.hashCode(ema) + Arrays.hashCode(rates);
  }

  @Override
  public String toString() {
    return "WalRates[ema=" + ema + ", rates=" + Arrays.toString(rates) + "]";
  }
}
