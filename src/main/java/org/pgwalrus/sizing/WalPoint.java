package org.pgwalrus.sizing;

/**
 * Where WAL was inserted at a moment: one end of a measurement.
 *
 * @param seconds the monotonic time
 * @param insertLsn the insert position
 */
public record WalPoint(double seconds, long insertLsn) {

  private static final double BYTES_PER_MB = 1 << 20;

  /** Where this sample found it. */
  static WalPoint of(Sample sample) {
    return new WalPoint(sample.monotonicSeconds(), sample.insertLsn());
  }

  /** Seconds from here to a later sample. */
  double secondsTo(Sample end) {
    return end.monotonicSeconds() - seconds;
  }

  /** The mean rate from here to a later sample in MB/s; 0 if WAL went back. */
  double rateTo(Sample end) {
    return Math.max(0, (end.insertLsn() - insertLsn) / BYTES_PER_MB / secondsTo(end));
  }
}
