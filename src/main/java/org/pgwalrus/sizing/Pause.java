package org.pgwalrus.sizing;

/**
 * Keeps one storm from being decided over and over. After a decision to grow, the next comes when
 * the interval is over, not as early as the threshold is reached again, unless the decision took
 * effect or a higher ceiling lets it go further.
 *
 * @param untilSeconds the monotonic time when it ends
 * @param maxWalSizeMb the size that the decision found, in MB
 * @param maxMb the ceiling that it found, in MB
 */
public record Pause(double untilSeconds, int maxWalSizeMb, int maxMb) {

  /** One that lasts a {@code checkpoint_timeout}. */
  static Pause after(Sample sample, Policy policy) {
    return lasting(sample.checkpointTimeoutSeconds(), sample, policy);
  }

  /** One that ends as soon as the rate limit does. */
  static Pause after(Sample sample, Policy policy, Block block) {
    int timeout = sample.checkpointTimeoutSeconds();
    int remaining = block.remainingSeconds();
    return lasting(remaining == 0 ? timeout : Math.min(timeout, remaining), sample, policy);
  }

  private static Pause lasting(int seconds, Sample sample, Policy policy) {
    return new Pause(sample.monotonicSeconds() + seconds, sample.maxWalSizeMb(), policy.maxMb());
  }

  /** Whether it lasts, now that this is how things are. */
  boolean lasts(Sample sample, Policy policy) {
    return sample.monotonicSeconds() < untilSeconds
        && sample.maxWalSizeMb() == maxWalSizeMb
        && policy.maxMb() <= maxMb;
  }
}
