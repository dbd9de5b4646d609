package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/**
 * How fast WAL is written, measured over three spans: for the ring of {@link WalRates}, over the
 * last two steps from sample to sample, and under pressure.
 *
 * <p>A growth between decisions must find the right size at once, since the cooldown puts off the
 * next one, and a storm is younger than its interval. The rate under pressure is the mean since the
 * sample that saw the interval's first forced checkpoint. All of that time belongs to the storm,
 * wherever in a step it began; a stall of the disk and a single spike are evened out; and for a
 * short burst the lull after it counts as well. If the storm only came after such a lull, both of
 * the last two steps show it.
 *
 * @param ratedSince from where on the WAL is in no rate of the ring yet
 * @param stepSince where the last step ended
 * @param earlier the rate of the step before the last in MB/s, NaN if not measured
 * @param latest the rate of the last step in MB/s, NaN if not measured
 * @param pressedSince where the running interval first showed pressure, null if it has not
 */
public record WalFlow(
    WalPoint ratedSince,
    WalPoint stepSince,
    double earlier,
    double latest,
    @Nullable WalPoint pressedSince) {

  /** A shorter time is not measured, but taken together with what follows it. */
  private static final double LEAST_SECONDS = 0.5;

  /**
   * A span shorter than this share of a timeout gets no place in the ring, where it would count as
   * much as a full interval: it becomes part of the next one's.
   */
  private static final double LEAST_RATED_IN_TIMEOUTS = 0.5;

  static WalFlow startingAt(Sample sample) {
    WalPoint start = WalPoint.of(sample);
    return new WalFlow(start, start, Double.NaN, Double.NaN, null);
  }

  /** The same, one sample later. */
  WalFlow extendedBy(Sample sample) {
    return stepSince.secondsTo(sample) < LEAST_SECONDS
        ? this
        : new WalFlow(
            ratedSince, WalPoint.of(sample), latest, stepSince.rateTo(sample), pressedSince);
  }

  /** The same, under pressure from this sample on. */
  WalFlow pressedAt(Sample sample) {
    return new WalFlow(ratedSince, stepSince, earlier, latest, WalPoint.of(sample));
  }

  /** What the interval that begins with this sample goes on from. */
  WalFlow carriedOver(Sample sample) {
    WalPoint unrated = fillsRate(sample) ? WalPoint.of(sample) : ratedSince;
    return new WalFlow(unrated, stepSince, earlier, latest, null);
  }

  /** The ring with the span that ends with this sample, if it is long enough. */
  WalRates addedTo(WalRates rates, Sample sample, double alpha) {
    return fillsRate(sample) ? rates.with(ratedSince.rateTo(sample), alpha) : rates;
  }

  private boolean fillsRate(Sample sample) {
    return ratedSince.secondsTo(sample)
        >= LEAST_RATED_IN_TIMEOUTS * sample.checkpointTimeoutSeconds();
  }

  /** What both of the last two steps reached, in MB/s: no single spike. NaN if not measured. */
  double sustained() {
    return Math.min(earlier, latest);
  }

  /**
   * The rate that the last two steps show, in MB/s: their mean, or the last one's where the rate
   * rises, as the step before may have been half over when it began to. NaN if not measured.
   */
  double current() {
    return Math.max(latest, (earlier + latest) / 2);
  }

  /** The rate under pressure in MB/s; NaN until there was time to measure it. */
  double underPressure(Sample sample) {
    if (pressedSince == null || pressedSince.secondsTo(sample) < LEAST_SECONDS) {
      return Double.NaN;
    }
    double mean = pressedSince.rateTo(sample);
    return sustained() > mean ? sustained() : mean;
  }
}
