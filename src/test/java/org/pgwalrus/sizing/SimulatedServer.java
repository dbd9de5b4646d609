package org.pgwalrus.sizing;

import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;

/**
 * A server's checkpointer, a tenth of a second at a time, after xlog.c and checkpointer.c: it knows
 * which of the requests it counts came from WAL. The redo position moves when a checkpoint starts;
 * the checkpoint is counted at some moment from then to its end; requests that arrive meanwhile
 * start one more right after it.
 *
 * <p>Checkpoints are prompt, and nobody asks for one by hand, until told otherwise.
 */
final class SimulatedServer {
  private static final long MB = 1L << 20;
  private static final int TICKS_PER_SECOND = 10;
  private static final double COMPLETION_TARGET = 0.9;

  private final RandomGenerator random;
  private final int segmentMb;
  private final int timeoutSeconds;
  private int maxWalSizeMb;
  private DoubleUnaryOperator mbPerSecondAt = second -> 0;
  private int slowestCheckpoint = 2;
  private int secondsBetweenManual = Integer.MAX_VALUE;

  private long now;
  private long insertLsn;
  private long redoLsn;
  private long requested;
  private long forced;
  private boolean forcePending;
  private boolean manualPending;
  private long lastStart;
  private long runsUntil = -1;
  private long countsAt;
  private boolean requestUncounted;
  private boolean forceUncounted;

  SimulatedServer(RandomGenerator random, int maxWalSizeMb, int segmentMb, int timeoutSeconds) {
    this.random = random;
    this.maxWalSizeMb = maxWalSizeMb;
    this.segmentMb = segmentMb;
    this.timeoutSeconds = timeoutSeconds;
    this.insertLsn = random.nextLong(1000 * MB, 2000 * MB);
    this.redoLsn = insertLsn;
  }

  /** Writes WAL at the rate in MB/s that this gives for the time in seconds. */
  SimulatedServer load(DoubleUnaryOperator mbPerSecondAt) {
    this.mbPerSecondAt = mbPerSecondAt;
    return this;
  }

  /** Lets checkpoints last up to two minutes, and somebody ask for one every 80 seconds or so. */
  SimulatedServer erratic() {
    slowestCheckpoint = 120 * TICKS_PER_SECOND;
    secondsBetweenManual = 80;
    return this;
  }

  void resize(int megabytes) {
    maxWalSizeMb = megabytes;
  }

  int maxWalSizeMb() {
    return maxWalSizeMb;
  }

  double seconds() {
    return (double) now / TICKS_PER_SECOND;
  }

  /** Those of the requests counted that WAL caused. */
  long forced() {
    return forced;
  }

  /** The same, with the checkpoint that has begun and is not counted yet. */
  long forcedBegun() {
    return forced + (forceUncounted ? 1 : 0);
  }

  Sample sample() {
    return new Sample(
        seconds(),
        requested,
        1,
        insertLsn,
        redoLsn,
        maxWalSizeMb,
        timeoutSeconds,
        COMPLETION_TARGET,
        segmentMb);
  }

  /** Runs for a time, at least a tenth of a second. */
  void run(double seconds) {
    long ticks = Math.max(1, Math.round(seconds * TICKS_PER_SECOND));
    for (long tick = 0; tick < ticks; tick++) {
      now++;
      double rate = mbPerSecondAt.applyAsDouble(seconds());
      write((long) (rate * MB / TICKS_PER_SECOND) + random.nextInt(100));
      manualPending |=
          secondsBetweenManual < Integer.MAX_VALUE
              && random.nextInt(secondsBetweenManual * TICKS_PER_SECOND) == 0;
      checkpoint();
    }
  }

  private void write(long bytes) {
    long segmentBytes = segmentMb * MB;
    long unfinished = insertLsn / segmentBytes;
    insertLsn += bytes;
    long redoSegment = redoLsn / segmentBytes;
    long lastFinished = insertLsn / segmentBytes - 1;
    int segments = TriggerDistance.of(maxWalSizeMb, COMPLETION_TARGET, segmentMb).segments();
    if (lastFinished >= unfinished && lastFinished >= redoSegment + segments - 1) {
      forcePending = true;
    }
  }

  private void checkpoint() {
    count();
    if (runsUntil >= 0 && now >= runsUntil) {
      runsUntil = -1;
    }
    boolean wanted = forcePending || manualPending;
    boolean timed = now - lastStart >= (long) timeoutSeconds * TICKS_PER_SECOND;
    if (runsUntil >= 0 || !(wanted || timed)) {
      return;
    }
    int slowest = manualPending ? Math.min(slowestCheckpoint, 30) : slowestCheckpoint;
    runsUntil = now + 1 + random.nextInt(slowest);
    countsAt = random.nextLong(now, runsUntil + 1);
    requestUncounted = wanted;
    forceUncounted = forcePending;
    redoLsn = insertLsn;
    lastStart = now;
    forcePending = false;
    manualPending = false;
    count();
  }

  private void count() {
    if (now >= countsAt) {
      requested += requestUncounted ? 1 : 0;
      forced += forceUncounted ? 1 : 0;
      requestUncounted = false;
      forceUncounted = false;
    }
  }
}
