package org.pgwalrus.cluster;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Polls for a state, with a limit. */
public final class Wait {

  private static final Duration PAUSE = Duration.ofMillis(50);

  private Wait() {}

  /**
   * Returns as soon as the condition holds.
   *
   * @throws AssertionError when it does not hold within the limit
   */
  public static void until(String what, Duration limit, BooleanSupplier condition) {
    until(() -> what, limit, condition);
  }

  /** The same, with a description that is made when it is needed. */
  public static void until(Supplier<String> what, Duration limit, BooleanSupplier condition) {
    if (!Query.repeatedly(() -> holds(limit, condition))) {
      throw new AssertionError("not within " + limit.toMillis() + " ms: " + what.get());
    }
  }

  private static boolean holds(Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      sleep(PAUSE);
    }
    return true;
  }

  /** Sleeps; for showing that something does not happen, and for nothing else. */
  public static void sleep(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
