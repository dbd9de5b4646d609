package org.pgwalrus.sizing;

import java.util.random.RandomGenerator;

/**
 * A server's checkpointer, second by second, after xlog.c and checkpointer.c: it knows which of the
 * requests it counts came from WAL. The redo position moves when a checkpoint starts; the
 * checkpoint is counted at some moment from then to its end; requests that arrive meanwhile start
 * one more right after it.
 */
final class SimulatedServer {
  private static final long MB = 1L << 20;
  private static final int TIMEOUT_SECONDS = 300;

  private final RandomGenerator random;
  private final int maxWalSizeMb;
  private final int segmentMb;
  private final TriggerDistance distance;

  private int now;
  private long insertLsn = 1000 * MB;
  private long redoLsn = insertLsn;
  private long requested;
  private long forced;
  private boolean forcePending;
  private boolean manualPending;
  private int lastStart;
  private int runsUntil = -1;
  private int countsAt;
  private boolean requestUncounted;
  private boolean forceUncounted;
  private int walMbPerSecond;

  SimulatedServer(RandomGenerator random, int maxWalSizeMb, int segmentMb) {
    this.random = random;
    this.maxWalSizeMb = maxWalSizeMb;
    this.segmentMb = segmentMb;
    this.distance = TriggerDistance.of(maxWalSizeMb, 0.9, segmentMb);
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
        now, requested, 1, insertLsn, redoLsn, maxWalSizeMb, TIMEOUT_SECONDS, 0.9, segmentMb);
  }

  void run(int seconds) {
    for (int i = 0; i < seconds; i++) {
      now++;
      if (random.nextInt(60) == 0) {
        walMbPerSecond = random.nextBoolean() ? random.nextInt(4) : random.nextInt(100);
      }
      write(walMbPerSecond * MB + random.nextInt(1000));
      manualPending |= random.nextInt(80) == 0;
      checkpoint();
    }
  }

  private void write(long bytes) {
    long segmentBytes = segmentMb * MB;
    long unfinished = insertLsn / segmentBytes;
    insertLsn += bytes;
    long redoSegment = redoLsn / segmentBytes;
    long lastFinished = insertLsn / segmentBytes - 1;
    if (lastFinished >= unfinished && lastFinished >= redoSegment + distance.segments() - 1) {
      forcePending = true;
    }
  }

  private void checkpoint() {
    count();
    if (runsUntil >= 0 && now >= runsUntil) {
      runsUntil = -1;
    }
    boolean wanted = forcePending || manualPending;
    if (runsUntil >= 0 || !(wanted || now - lastStart >= TIMEOUT_SECONDS)) {
      return;
    }
    runsUntil = now + (manualPending ? 1 + random.nextInt(3) : 1 + random.nextInt(120));
    countsAt = random.nextInt(now, runsUntil + 1);
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
