package org.pgwalrus.snapshot;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copiers;

/**
 * The buffers that one stream fills and its writing threads empty, the same for all its tables:
 * memory depends neither on how large tables are nor on how many there are.
 */
final class Buffers {

  private static final int COUNT = 16;
  private static final int SIZE = 64 * 1024;

  private final BlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(COUNT);
  private final Copiers copiers;

  /** Whether the main thread has found no free one. */
  private volatile boolean awaited;

  Buffers(Copiers copiers) {
    this.copiers = copiers;
    for (int i = 0; i < COUNT; i++) {
      free.add(ByteBuffer.allocate(SIZE));
    }
  }

  /** How many there are. */
  int count() {
    return COUNT;
  }

  /** Whether there is one; if not, the main thread is woken when there is. */
  boolean isReady() {
    if (free.isEmpty()) {
      awaited = true;
    }
    // It may have come before its thread could know that it is awaited.
    return !free.isEmpty();
  }

  /** Takes one to fill. */
  @Nullable ByteBuffer poll() {
    return free.poll();
  }

  /** Brings one back. Any thread may call this. */
  void add(ByteBuffer buffer) {
    free.add(buffer.clear());
    if (awaited) {
      awaited = false;
      copiers.wake();
    }
  }
}
