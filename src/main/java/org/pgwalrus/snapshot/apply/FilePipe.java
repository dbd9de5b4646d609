package org.pgwalrus.snapshot.apply;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.snapshot.FileThreads;
import org.pgwalrus.snapshot.files.DataFileReader;

/**
 * Brings rows from a thread that reads, hashes and expands files, one after another, to the main
 * thread: a bounded number of buffers goes back and forth, so that memory is the same for any file.
 */
final class FilePipe implements Copier.Source {

  /** Behind the last one of a file; no other is empty. */
  private static final ByteBuffer END = ByteBuffer.allocate(0);

  /** Hears on the main thread what has gone to the server. */
  interface Listener {

    /** So many bytes more of the same file. */
    void sent(long bytes);

    /** All of a file. */
    void ended();
  }

  private final BlockingQueue<ByteBuffer> free;
  private final BlockingQueue<ByteBuffer> full = new LinkedBlockingQueue<>();
  private final List<FileLoad> files;
  private final Function<FileLoad, DataFileReader> opener;
  private final Listener listener;
  private final CountDownLatch done = new CountDownLatch(1);
  private @Nullable ByteBuffer lent;
  private volatile @Nullable RuntimeException failure;
  private volatile boolean awaited;
  private volatile boolean abandoned;
  private int ended;

  /**
   * A pipe that nobody fills yet.
   *
   * @param opener opens a file, on the thread that reads
   * @param free the direct buffers that it may use, to which all return in the end
   */
  FilePipe(
      List<FileLoad> files,
      Function<FileLoad, DataFileReader> opener,
      BlockingQueue<ByteBuffer> free,
      Listener listener) {
    this.files = files;
    this.opener = opener;
    this.free = free;
    this.listener = listener;
  }

  void start(FileThreads threads) {
    threads.execute(() -> read(threads));
  }

  private void read(FileThreads threads) {
    try {
      for (FileLoad file : files) {
        if (abandoned) {
          return;
        }
        read(file, threads);
      }
    } catch (RuntimeException e) {
      failure = e;
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a reader", e);
    } finally {
      done.countDown();
      threads.wake();
    }
  }

  private void read(FileLoad file, FileThreads threads) throws InterruptedException {
    try (DataFileReader reader = opener.apply(file)) {
      for (ByteBuffer buffer = fill(reader); buffer.hasRemaining(); buffer = fill(reader)) {
        bring(buffer, threads);
      }
    }
    bring(END, threads);
  }

  private void bring(ByteBuffer buffer, FileThreads threads) {
    full.add(buffer);
    if (awaited) {
      awaited = false;
      threads.wake();
    }
  }

  private ByteBuffer fill(DataFileReader reader) throws InterruptedException {
    ByteBuffer buffer = free.take().clear().position(1);
    int some = 0;
    while (some >= 0 && buffer.hasRemaining() && !abandoned) {
      some = reader.read(buffer);
    }
    if (buffer.position() > 1 && !abandoned) {
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
    // One look at what comes first: the end may come between two.
    ByteBuffer first = full.peek();
    return first != null && first.hasRemaining() ? full.poll() : null;
  }

  private void takeBack() {
    if (lent != null) {
      listener.sent(lent.limit() - 1);
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

  @Override
  public boolean hasMore() {
    full.remove();
    listener.ended();
    ended++;
    return ended < files.size();
  }

  private void check() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Gives up what is not read, and waits until its file is closed. */
  void close() {
    abandoned = true;
    // The thread may wait for a free one.
    if (lent != null) {
      free.add(lent);
      lent = null;
    }
    full.removeIf(buffer -> !buffer.hasRemaining() || free.add(buffer));
    try {
      done.await();
    } catch (InterruptedException e) {
      throw new JobException("interrupted");
    }
  }
}
