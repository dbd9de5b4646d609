package org.pgwalrus.worker;

import org.pgwalrus.backend.CheckpointerStats;
import org.pgwalrus.backend.WalPosition;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.Sample;

/**
 * The server and its settings at one moment.
 *
 * @param nanos the monotonic clock
 * @param wal where the WAL is
 * @param stats the checkpointer's counters
 * @param sample both, as the engine takes them
 * @param policy the settings, with the profile of the hour
 * @param profile the name of that profile, empty for none
 */
record Look(
    long nanos,
    WalPosition wal,
    CheckpointerStats stats,
    Sample sample,
    Policy policy,
    String profile) {

  private static final double NANOS_PER_SECOND = 1e9;

  /** The monotonic clock in seconds, as the engine counts. */
  static double seconds(long nanos) {
    return nanos / NANOS_PER_SECOND;
  }

  /** The same under another policy. */
  Look under(Policy other) {
    return new Look(nanos, wal, stats, sample, other, profile);
  }
}
