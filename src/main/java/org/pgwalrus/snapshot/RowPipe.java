package org.pgwalrus.snapshot;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.snapshot.files.DataFileWriter;
import org.pgwalrus.snapshot.files.StoredFile;

/**
 * Brings rows from the main thread to a thread that compresses, hashes and writes them, in buffers
 * that go back and forth.
 */
final class RowPipe implements Copier.Sink {

  /** Behind the last one; no other is empty. */
  private static final ByteBuffer END = ByteBuffer.allocate(0);

  private final Buffers buffers;
  private final BlockingQueue<ByteBuffer> full;
  private final DataFileWriter writer;
  private final LongConsumer listener;
  private @Nullable Thread thread;
  private @Nullable StoredFile stored;
  private volatile @Nullable RuntimeException failure;

  /**
   * A pipe without a thread.
   *
   * @param listener hears on the main thread how many bytes have come
   */
  RowPipe(Buffers buffers, DataFileWriter writer, LongConsumer listener) {
    this.buffers = buffers;
    this.writer = writer;
    this.listener = listener;
    full = new ArrayBlockingQueue<>(buffers.count() + 1);
  }

  void start(Copiers copiers) {
    thread = copiers.start("snapshot writer", () -> write(copiers));
  }

  @Override
  public boolean isReady() {
    check();
    return buffers.isReady();
  }

  @Override
  public void take(ByteBuffer rows) {
    int before = rows.remaining();
    for (ByteBuffer buffer = nextFree(rows); buffer != null; buffer = nextFree(rows)) {
      int length = Math.min(rows.remaining(), buffer.capacity());
      buffer.put(rows.slice(rows.position(), length)).flip();
      rows.position(rows.position() + length);
      full.add(buffer);
    }
    listener.accept(before - rows.remaining());
  }

  private @Nullable ByteBuffer nextFree(ByteBuffer rows) {
    return rows.hasRemaining() ? buffers.poll() : null;
  }

  private void check() {
    if (failure != null) {
      throw failure;
    }
  }

  private void write(Copiers copiers) {
    try {
      for (ByteBuffer buffer = full.take(); buffer.hasRemaining(); buffer = full.take()) {
        writer.write(buffer);
        buffers.add(buffer);
      }
      stored = writer.finish();
    } catch (RuntimeException e) {
      failure = e;
      copiers.wake();
    } catch (InterruptedException _) {
      // Given up: whoever does so closes the file.
    } finally {
      writer.close();
    }
  }

  /** Whether the file is there, or will not be, once all rows have come. */
  boolean isDone() {
    return thread != null && !thread.isAlive();
  }

  /** Says that all rows have come. */
  void end() {
    full.add(END);
  }

  /** The file, once the thread has ended. */
  StoredFile stored() {
    check();
    if (stored == null) {
      throw new IllegalStateException("the file is not finished");
    }
    return stored;
  }

  /** Waits for the thread, so many milliseconds at most. */
  void await(int millis) {
    try {
      if (thread != null) {
        thread.join(millis);
      }
    } catch (InterruptedException e) {
      throw new JobException("interrupted");
    }
  }

  /** Stops the thread, which deletes an unfinished file. */
  void abandon() {
    if (thread != null) {
      thread.interrupt();
    }
    await(0);
  }
}
