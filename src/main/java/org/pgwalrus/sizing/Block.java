package org.pgwalrus.sizing;

/**
 * Why the rate limit lets no change be made.
 *
 * @param cause which of its rules
 * @param remainingSeconds until that rule would allow one, rounded up; 0 if it never will
 * @param changesThisHour changes made within the last hour
 * @param hourWindowStart the monotonic time in seconds of the oldest of them, NaN if there are none
 */
public record Block(
    Cause cause, int remainingSeconds, int changesThisHour, double hourWindowStart) {

  /** The rules, in the order of {@link RateLimit#check}. */
  public enum Cause {
    /** No changes are allowed at all. */
    DISABLED("automatic adjustments disabled (max_changes_per_hour = 0)"),
    /** The last change is too recent. */
    COOLDOWN("cooldown active"),
    /** The last hour has had its changes. */
    HOURLY_LIMIT("hourly limit reached");

    private final String reason;

    Cause(String reason) {
      this.reason = reason;
    }
  }

  /** The reason in words. */
  public String reason() {
    return cause.reason;
  }
}
