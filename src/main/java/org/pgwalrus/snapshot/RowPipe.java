package org.pgwalrus.snapshot;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.snapshot.files.DataFileWriter;
import org.pgwalrus.snapshot.files.StoredFile;

/**
 * Brings rows from the main thread to another that makes a file, compresses, hashes and writes
 * them, in buffers that go back and forth.
 */
final class RowPipe implements Copier.Sink {

  /** Behind the last one; no other is empty. */
  private static final ByteBuffer END = ByteBuffer.allocate(0);

  private final Buffers buffers;
  private final BlockingQueue<ByteBuffer> full;
  private final Supplier<DataFileWriter> file;
  private final LongConsumer listener;
  private final CountDownLatch done = new CountDownLatch(1);
  private @Nullable StoredFile stored;
  private volatile @Nullable RuntimeException failure;
  private volatile boolean abandoned;

  /**
   * A pipe that nobody empties yet.
   *
   * @param file makes the file, on the thread that writes
   * @param listener hears on the main thread how many bytes have come
   */
  RowPipe(Buffers buffers, Supplier<DataFileWriter> file, LongConsumer listener) {
    this.buffers = buffers;
    this.file = file;
    this.listener = listener;
    full = new ArrayBlockingQueue<>(buffers.count() + 1);
  }

  void start(FileThreads threads) {
    threads.execute(() -> write(threads));
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

  private void write(FileThreads threads) {
    try (DataFileWriter writer = file.get()) {
      for (ByteBuffer buffer = full.take(); buffer.hasRemaining(); buffer = full.take()) {
        writer.write(buffer);
        buffers.add(buffer);
      }
      if (!abandoned) {
        stored = writer.finish();
      }
    } catch (RuntimeException e) {
      failure = e;
      threads.wake();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a writer", e);
    } finally {
      done.countDown();
    }
  }

  /** Whether the file is there, or will not be, once all rows have come. */
  boolean isDone() {
    return done.getCount() == 0;
  }

  /** Says that all rows have come. */
  void end() {
    full.add(END);
  }

  /** The file, once it is there. */
  StoredFile stored() {
    check();
    if (stored == null) {
      throw new IllegalStateException("the file is not finished");
    }
    return stored;
  }

  /** Gives up an unfinished file, which is deleted. */
  void abandon() {
    abandoned = true;
    full.clear();
    full.add(END);
    try {
      done.await();
    } catch (InterruptedException e) {
      throw new JobException("interrupted");
    }
  }
}
