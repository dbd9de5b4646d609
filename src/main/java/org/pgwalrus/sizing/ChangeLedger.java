package org.pgwalrus.sizing;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * When changes were made, in monotonic seconds: the last one, and those of the hour that slides
 * along with the clock. A change that is exactly an hour old no longer counts.
 */
public final class ChangeLedger {

  /** As many as {@code walrus.max_changes_per_hour} can allow. */
  public static final int CAPACITY = 1000;

  private static final double HOUR = 3600;
  private static final ChangeLedger NONE = new ChangeLedger(Double.NaN, new double[0]);

  private final double last;

  /** Oldest first. */
  private final double[] times;

  private ChangeLedger(double last, double[] times) {
    this.last = last;
    this.times = times;
  }

  /** Nothing was ever changed. */
  public static ChangeLedger none() {
    return NONE;
  }

  /**
   * A ledger as it was kept.
   *
   * @param last the last change, NaN for never
   * @param times the changes that count by the hour, oldest first; the newest 1000 are kept
   */
  public static ChangeLedger of(double last, double[] times) {
    return new ChangeLedger(last, newest(times, CAPACITY));
  }

  /** The last change, by hand or not; NaN for never. */
  public double last() {
    return last;
  }

  /** The changes that count by the hour, oldest first; some may be older than one. */
  public double[] times() {
    return times.clone();
  }

  /** The ledger with a change now. */
  public ChangeLedger with(double now) {
    double[] kept = newest(times, Math.min(withinHour(now), CAPACITY - 1));
    double[] longer = Arrays.copyOf(kept, kept.length + 1);
    longer[kept.length] = now;
    return new ChangeLedger(now, longer);
  }

  /** The ledger with a change by hand now: later changes keep their distance, no hour counts it. */
  public ChangeLedger touched(double now) {
    return new ChangeLedger(now, times);
  }

  /** How many changes the last hour has had. */
  public int withinHour(double now) {
    int older = 0;
    while (older < times.length && times[older] + HOUR <= now) {
      older++;
    }
    return times.length - older;
  }

  /** The oldest change of the last hour, NaN if there is none. */
  public double oldestWithinHour(double now) {
    int count = withinHour(now);
    return count == 0 ? Double.NaN : times[times.length - count];
  }

  /** Seconds until the last hour has had fewer changes than this, which it has reached. */
  double untilFewer(int changes, double now) {
    return times[times.length - changes] + HOUR - now;
  }

  private static double[] newest(double[] times, int count) {
    return Arrays.copyOfRange(times, Math.max(0, times.length - count), times.length);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof ChangeLedger that
            && Double.compare(last, that.last) == 0
            && Arrays.equals(times, that.times));
  }

  @Override
  public int hashCode() {
    return 31 * Double.hashCode(last) + Arrays.hashCode(times);
  }

  @Override
  public String toString() {
    return "ChangeLedger[last=" + last + ", times=" + Arrays.toString(times) + "]";
  }
}
