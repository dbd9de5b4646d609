package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory of the server as a place of numbers. */
final class Numbers {

  private Numbers() {}

  /**
   * A view of the same bytes, with the same bounds. The worker's JVM interprets, and there the
   * access of a buffer costs half of a segment's.
   */
  static ByteBuffer in(MemorySegment memory) {
    return memory.asByteBuffer().order(ByteOrder.nativeOrder());
  }
}
