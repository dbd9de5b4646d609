package org.pgwalrus.snapshot;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Warns once when a snapshot has kept vacuum from removing dead rows for an hour. */
final class VacuumWarning {

  private static final long LIMIT_NANOS = TimeUnit.HOURS.toNanos(1);

  private final long begun;
  private final Consumer<String> log;
  private boolean given;

  /**
   * A warning that is not due yet.
   *
   * @param begun when the snapshot was taken, of {@link System#nanoTime()}
   */
  VacuumWarning(long begun, Consumer<String> log) {
    this.begun = begun;
    this.log = log;
  }

  void check(long now) {
    if (!given && now - begun >= LIMIT_NANOS) {
      given = true;
      log.accept(
          "the snapshot has kept vacuum from removing dead rows of the database for an hour, and"
              + " does so until all rows are copied");
    }
  }
}
