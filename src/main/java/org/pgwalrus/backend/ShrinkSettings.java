package org.pgwalrus.backend;

import org.pgwalrus.backend.Setting.About;
import org.pgwalrus.backend.Setting.Bool;
import org.pgwalrus.backend.Setting.Check;
import org.pgwalrus.backend.Setting.Int;
import org.pgwalrus.backend.Setting.Real;
import org.pgwalrus.backend.Setting.Unit;

/** When {@code max_wal_size} shrinks, and how far. */
public final class ShrinkSettings {

  /** {@code walrus.shrink_enable}. */
  public static final Bool ENABLE =
      new Bool(
          About.sighup(
              "walrus.shrink_enable",
              "Gives space back after quiet intervals.",
              "Never below what the measured WAL rate needs."),
          true);

  /** {@code walrus.shrink_factor}. */
  public static final Real FACTOR =
      new Real(
          About.sighup(
              "walrus.shrink_factor",
              "What max_wal_size is multiplied by when it shrinks.",
              "The result is rounded up to a whole MB."),
          0.75,
          0.01,
          0.99,
          Check.NONE);

  /** {@code walrus.shrink_intervals}. */
  public static final Int INTERVALS =
      new Int(
          About.sighup(
              "walrus.shrink_intervals",
              "Quiet intervals in a row before max_wal_size shrinks.",
              "An interval lasts checkpoint_timeout."),
          5,
          1,
          1000,
          Unit.NONE);

  /** {@code walrus.min_size}, MB. */
  public static final Int MIN_SIZE =
      new Int(
          About.sighup(
              "walrus.min_size",
              "The size below which max_wal_size is never lowered.",
              "A max_wal_size that is already smaller is not raised for it."),
          1024,
          2,
          Integer.MAX_VALUE,
          Unit.MB);

  private ShrinkSettings() {}
}
