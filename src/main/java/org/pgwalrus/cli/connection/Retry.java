package org.pgwalrus.cli.connection;

import java.time.Duration;

/**
 * When to try again, and how often: pauses that double up to a limit.
 *
 * @param attempts of all, the first among them
 */
public record Retry(int attempts, Duration first, Duration longest) {

  /** For a server that is being restarted, or a network that comes back. */
  public static final Retry PATIENT = new Retry(5, Duration.ofSeconds(1), Duration.ofSeconds(30));

  /** For finding out whether anybody is there. */
  public static final Retry ONCE = new Retry(1, Duration.ZERO, Duration.ZERO);

  /** The pause after so many attempts that failed. */
  public Duration pauseAfter(int failures) {
    Duration pause = first.multipliedBy(1L << Math.min(failures - 1, 20));
    return pause.compareTo(longest) > 0 ? longest : pause;
  }
}
