package org.pgwalrus.cli.progress;

import org.jspecify.annotations.Nullable;

/**
 * How far an operation is. What is not known is null, or 0 where it counts something.
 *
 * @param bytesTotal 0 while unknown, and where it turns out to be too small
 * @param bytesPerSecond 0 while unknown
 */
public record Progress(
    String phase,
    double percent,
    @Nullable String table,
    int tablesCompleted,
    int tablesTotal,
    long bytes,
    long bytesTotal,
    double bytesPerSecond,
    @Nullable Integer etaSeconds) {

  public Progress {
    bytesTotal = bytes > bytesTotal ? 0 : bytesTotal;
  }

  /** Nothing has been heard yet. */
  public static final Progress NONE = new Progress("pending", 0, null, 0, 0, 0, 0, 0, null);

  /** The same at its end: shared memory tells of that a moment after the tables. */
  public Progress completed() {
    return new Progress(
        "complete", 100, null, tablesCompleted, tablesTotal, bytes, bytesTotal, 0, null);
  }

  /** This, in place of what was known before: a late message never turns the bar back. */
  Progress after(Progress before) {
    return new Progress(
        phase,
        Math.max(percent, before.percent),
        table,
        Math.max(tablesCompleted, before.tablesCompleted),
        tablesTotal == 0 ? before.tablesTotal : tablesTotal,
        Math.max(bytes, before.bytes),
        bytesTotal == 0 ? before.bytesTotal : bytesTotal,
        bytesPerSecond == 0 ? before.bytesPerSecond : bytesPerSecond,
        etaSeconds);
  }
}
