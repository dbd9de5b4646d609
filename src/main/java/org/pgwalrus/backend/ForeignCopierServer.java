package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Copiers, reached through the C library. */
final class ForeignCopierServer implements CopierServer {

  private final GuardedCalls calls;

  ForeignCopierServer(GuardedCalls calls) {
    this.calls = calls;
  }

  @Override
  public int open() {
    calls.invoke(Call.OPEN_COPIER);
    return (int) calls.frame().result(1);
  }

  @Override
  public boolean send(int copier, ByteBuffer message) {
    MemorySegment bytes = MemorySegment.ofBuffer(message);
    Frame frame = calls.frame();
    frame.putInt(0, copier);
    frame.putInt(1, bytes.address());
    frame.putInt(2, bytes.byteSize());
    calls.invoke(Call.SEND_TO_COPIER);
    return frame.result(1) != 0;
  }

  @Override
  public @Nullable ByteBuffer receive(int copier) {
    Frame frame = calls.frame();
    frame.putInt(0, copier);
    calls.invoke(Call.RECEIVE_FROM_COPIER);
    long length = frame.result(1);
    return length == 0
        ? null
        : MemorySegment.ofAddress(frame.result(2)).reinterpret(length).asReadOnly().asByteBuffer();
  }

  @Override
  public void await(int millis) {
    calls.frame().putInt(0, millis);
    calls.invoke(Call.WAIT_FOR_COPIERS);
  }

  @Override
  public void wake() {
    calls.wake();
  }

  @Override
  public void close(int copier, boolean idle) {
    calls.frame().putInt(0, copier);
    calls.frame().putInt(1, idle ? 1 : 0);
    calls.invoke(Call.CLOSE_COPIER);
  }

  @Override
  public Thread start(String name, Runnable work) {
    blockSignals(1);
    try {
      return Thread.ofPlatform().daemon().name(name).start(work);
    } finally {
      blockSignals(0);
    }
  }

  private void blockSignals(int block) {
    calls.frame().putInt(0, block);
    calls.invoke(Call.BLOCK_SIGNALS);
  }
}
