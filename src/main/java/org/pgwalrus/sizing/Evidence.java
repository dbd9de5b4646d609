package org.pgwalrus.sizing;

/**
 * What a closed interval showed: the numbers behind a decision.
 *
 * <p>The requested counter also counts manual checkpoints, backups and dropped databases. No more
 * of its steps are taken as pressure than the interval's WAL can have forced, and one that the WAL
 * before it may have forced where the counter may not have followed yet.
 *
 * @param rawDelta requested checkpoints in the interval, 0 or more
 * @param explained those of them that the steps of the redo position show not to come from WAL;
 *     they are left out only where WAL is counted
 * @param delta the effective delta, from 0 to {@code rawDelta}
 * @param elapsedSeconds the interval's length
 * @param walMb MB of WAL from the redo position at the interval's start to its end
 * @param triggerDistanceMb the shortest trigger distance in force during the interval, in MB
 */
public record Evidence(
    long rawDelta,
    long explained,
    long delta,
    double elapsedSeconds,
    long walMb,
    int triggerDistanceMb) {

  /** An interval longer than this many timeouts is scaled down to the length of one. */
  private static final double UNSCALED_IN_TIMEOUTS = 1.5;

  /** The evidence of the interval that ends with this sample, which it has been extended by. */
  static Evidence of(Interval interval, Sample end) {
    long rawDelta = end.requestedCheckpoints() - interval.baseRequested();
    long walMb = (end.insertLsn() - interval.startRedoLsn()) >> 20;
    double elapsedSeconds = end.monotonicSeconds() - interval.startSeconds();
    long pressure =
        interval.countMode() == CountMode.WAL
            ? Math.min(
                rawDelta - interval.explained(),
                interval.inherited() + interval.shortest().mostForced(walMb))
            : rawDelta;
    return new Evidence(
        rawDelta,
        interval.explained(),
        perTimeout(pressure, elapsedSeconds, end.checkpointTimeoutSeconds()),
        elapsedSeconds,
        walMb,
        interval.shortest().megabytes());
  }

  private static long perTimeout(long delta, double elapsedSeconds, int timeoutSeconds) {
    if (elapsedSeconds > UNSCALED_IN_TIMEOUTS * timeoutSeconds) {
      return Math.round(delta * (double) timeoutSeconds / elapsedSeconds);
    }
    return delta;
  }
}
