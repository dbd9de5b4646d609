package org.pgwalrus.sizing;

import java.util.random.RandomGenerator;

/**
 * A server's checkpointer, second by second, after xlog.c and checkpointer.c: it knows which of the
 * requests it counts came from WAL. A checkpoint counts when it starts; its redo position shows in
 * the control file when it ends; requests that arrive meanwhile start one more right after it.
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
  private long sharedRedoLsn = insertLsn;
  private long controlFileRedoLsn = insertLsn;
  private long requested;
  private long forced;
  private boolean forcePending;
  private boolean manualPending;
  private int lastStart;
  private int runsUntil = -1;
  private int walMbPerSecond;

  SimulatedServer(RandomGenerator random, int maxWalSizeMb, int segmentMb) {
    this.random = random;
    this.maxWalSizeMb = maxWalSizeMb;
    this.segmentMb = segmentMb;
    this.distance = TriggerDistance.of(maxWalSizeMb, 0.9, segmentMb);
  }

  /** Requested checkpoints that WAL caused, since the server began. */
  long forced() {
    return forced;
  }

  Sample sample() {
    return new Sample(
        now,
        requested,
        0,
        1,
        insertLsn,
        controlFileRedoLsn,
        maxWalSizeMb,
        TIMEOUT_SECONDS,
        0.9,
        segmentMb);
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
    long redoSegment = sharedRedoLsn / segmentBytes;
    long lastFinished = insertLsn / segmentBytes - 1;
    if (lastFinished >= unfinished && lastFinished >= redoSegment + distance.segments() - 1) {
      forcePending = true;
    }
  }

  private void checkpoint() {
    if (runsUntil >= 0 && now >= runsUntil) {
      controlFileRedoLsn = sharedRedoLsn;
      runsUntil = -1;
    }
    boolean wanted = forcePending || manualPending;
    if (runsUntil >= 0 || !(wanted || now - lastStart >= TIMEOUT_SECONDS)) {
      return;
    }
    requested += wanted ? 1 : 0;
    forced += forcePending ? 1 : 0;
    runsUntil = now + (manualPending ? 1 + random.nextInt(3) : 1 + random.nextInt(120));
    sharedRedoLsn = insertLsn;
    lastStart = now;
    forcePending = false;
    manualPending = false;
  }
}
