package org.pgwalrus.sizing;

/**
 * A checkpointer on paper: one checkpoint whenever WAL since the last reaches the trigger distance,
 * and one when {@code checkpoint_timeout} has passed since the last.
 */
final class SimulatedCheckpoints {

  private static final double BYTES_PER_MB = 1 << 20;

  private final int timeoutSeconds;
  private double now;
  private double insertMb;
  private double redoMb;
  private double lastCheckpoint;
  private long forced;

  SimulatedCheckpoints(int timeoutSeconds) {
    this.timeoutSeconds = timeoutSeconds;
  }

  /** How many checkpoints WAL has forced. */
  long forced() {
    return forced;
  }

  /** The server now, with these settings. */
  Sample sample(int sizeMb, double completionTarget, int segmentMb) {
    return new Sample(
        now,
        forced,
        0,
        (long) (insertMb * BYTES_PER_MB),
        (long) (redoMb * BYTES_PER_MB),
        sizeMb,
        timeoutSeconds,
        completionTarget,
        segmentMb);
  }

  /** One timeout at this rate in MB/s. */
  void run(double rate, TriggerDistance distance) {
    double distanceMb = distance.megabytes();
    double end = now + timeoutSeconds;
    while (true) {
      double missingMb = redoMb + distanceMb - insertMb;
      double forcedAt = missingMb > 0 ? now + missingMb / rate : now;
      double timedAt = lastCheckpoint + timeoutSeconds;
      double next = Math.min(forcedAt, timedAt);
      if (next > end) {
        write(rate, end);
        return;
      }
      write(rate, next);
      checkpoint();
      if (forcedAt <= timedAt) {
        forced++;
        skipAlike(rate, distanceMb, end);
      }
    }
  }

  /** The checkpoints that follow a forced one at the same pace, counted and not walked through. */
  private void skipAlike(double rate, double distanceMb, double end) {
    double period = distanceMb / rate;
    long alike = period < timeoutSeconds ? (long) ((end - now) / period) : 0;
    if (alike > 0) {
      forced += alike;
      write(rate, Math.min(end, now + alike * period));
      checkpoint();
    }
  }

  private void write(double rate, double until) {
    insertMb += rate * (until - now);
    now = until;
  }

  private void checkpoint() {
    redoMb = insertMb;
    lastCheckpoint = now;
  }
}
