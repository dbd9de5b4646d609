package org.pgwalrus.snapshot.apply;

import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.snapshot.files.DataFileReader;

/**
 * Brings rows from a thread that reads, hashes and expands a file to the main thread: a bounded
 * number of buffers goes back and forth, so that memory is the same for any file.
 */
final class FilePipe implements Copier.Source {

  /** Behind the last one; no other is empty. */
  private static final ByteBuffer END = ByteBuffer.allocate(0);

  private final BlockingQueue<ByteBuffer> free;
  private final BlockingQueue<ByteBuffer> full = new LinkedBlockingQueue<>();
  private final DataFileReader reader;
  private final LongConsumer listener;
  private @Nullable Thread thread;
  private @Nullable ByteBuffer lent;
  private volatile @Nullable RuntimeException failure;
  private volatile boolean awaited;

  /**
   * A pipe without a thread.
   *
   * @param free the direct buffers that it may use, to which all return in the end
   * @param listener hears on the main thread how many bytes have gone
   */
  FilePipe(DataFileReader reader, BlockingQueue<ByteBuffer> free, LongConsumer listener) {
    this.reader = reader;
    this.free = free;
    this.listener = listener;
  }

  void start(Copiers copiers) {
    thread = copiers.start("snapshot reader", () -> read(copiers));
  }

  private void read(Copiers copiers) {
    try (reader) {
      for (ByteBuffer buffer = fill(); buffer.hasRemaining(); buffer = fill()) {
        full.add(buffer);
        if (awaited) {
          awaited = false;
          copiers.wake();
        }
      }
      full.add(END);
      copiers.wake();
    } catch (RuntimeException e) {
      failure = e;
      copiers.wake();
    } catch (InterruptedException _) {
      // Given up: nobody waits for more.
    }
  }

  private ByteBuffer fill() throws InterruptedException {
    ByteBuffer buffer = free.take().clear().position(1);
    int some = 0;
    while (some >= 0 && buffer.hasRemaining()) {
      some = reader.read(buffer);
    }
    if (buffer.position() > 1) {
      return buffer.flip();
    }
    free.add(buffer);
    return END;
  }

  @Override
  public @Nullable ByteBuffer next() {
    takeBack();
    check();
    lent = poll();
    if (lent == null) {
      awaited = true;
      // It may have come before the thread could know that it is awaited.
      lent = poll();
    }
    return lent;
  }

  private @Nullable ByteBuffer poll() {
    return isAtEnd() ? null : full.poll();
  }

  private void takeBack() {
    if (lent != null) {
      listener.accept(lent.limit() - 1);
      free.add(lent);
      lent = null;
    }
  }

  @Override
  public boolean isAtEnd() {
    ByteBuffer first = full.peek();
    if (first == null || first.hasRemaining()) {
      return false;
    }
    takeBack();
    return true;
  }

  private void check() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Stops the thread, which closes its file. */
  void close() {
    if (thread == null) {
      return;
    }
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new JobException("interrupted");
    }
  }
}
