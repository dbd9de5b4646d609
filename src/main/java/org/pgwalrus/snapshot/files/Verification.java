package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Checks existence, size and checksum of all files of a snapshot, several at the same time. */
public final class Verification {

  private static final int PULSE_MILLIS = 100;

  private final SnapshotDirectory snapshot;
  private final List<StoredFile> files;
  private final AtomicReferenceArray<FileCheck> checks;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean stopped;

  private Verification(SnapshotDirectory snapshot, List<StoredFile> files) {
    this.snapshot = snapshot;
    this.files = files;
    this.checks = new AtomicReferenceArray<>(files.size());
  }

  /**
   * Checks all files of a manifest.
   *
   * @param threads how many files are read at the same time, 1 or more
   * @param starter starts a thread
   * @param pulse is called by the calling thread, at least every 100 ms, with the bytes read so
   *     far; what it throws ends the verification at once
   * @return every file in the order of the manifest, the right ones included
   * @throws InterruptedException when the calling thread is interrupted; no thread is left then
   */
  public static List<FileCheck> run(
      SnapshotDirectory snapshot,
      Manifest manifest,
      int threads,
      Function<Runnable, Thread> starter,
      LongConsumer pulse)
      throws InterruptedException {
    Verification verification = new Verification(snapshot, manifest.files());
    verification.run(Math.min(threads, verification.files.size()), starter, pulse);
    return verification.results();
  }

  private void run(int count, Function<Runnable, Thread> starter, LongConsumer pulse)
      throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        threads.add(starter.apply(this::work));
      }
      for (Thread thread : threads) {
        do {
          pulse.accept(bytes.get());
          thread.join(PULSE_MILLIS);
        } while (thread.isAlive());
      }
      pulse.accept(bytes.get());
    } finally {
      stopped = true;
      join(threads);
    }
    if (failure.get() != null) {
      throw new IllegalStateException(failure.get());
    }
  }

  /** They end within a piece of a file; whatever interrupts meanwhile is kept for the caller. */
  private static void join(List<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    try {
      int index;
      while (!stopped && (index = next.getAndIncrement()) < files.size()) {
        checks.set(index, check(files.get(index)));
      }
    } catch (Throwable e) {
      failure.set(e);
      stopped = true;
    }
  }

  private FileCheck check(StoredFile expected) {
    try (FileChannel channel = snapshot.read(expected.file())) {
      long size = channel.size();
      if (expected.sizeBytes() != StoredFile.UNKNOWN && size != expected.sizeBytes()) {
        return new FileCheck(
            expected.file(),
            FileCheck.Status.SIZE,
            "has " + size + " bytes instead of " + expected.sizeBytes());
      }
      return compare(expected, checksum(channel));
    } catch (SnapshotFileException e) {
      return new FileCheck(expected.file(), status(e), e.message());
    } catch (IOException e) {
      return new FileCheck(
          expected.file(), FileCheck.Status.UNREADABLE, SnapshotFileException.reason(e));
    }
  }

  private String checksum(FileChannel channel) throws IOException {
    StoredInput stored = new StoredInput(channel);
    long counted = 0;
    while (!stopped && stored.fill()) {
      bytes.addAndGet(stored.count() - counted);
      counted = stored.count();
    }
    return stored.checksum();
  }

  private static FileCheck compare(StoredFile expected, String checksum) {
    return checksum.equals(expected.checksum())
        ? new FileCheck(expected.file(), FileCheck.Status.OK, "")
        : new FileCheck(
            expected.file(),
            FileCheck.Status.CHECKSUM,
            "has checksum " + checksum + " instead of " + expected.checksum());
  }

  private static FileCheck.Status status(SnapshotFileException e) {
    return switch (e.sqlState()) {
      case SnapshotFileException.MISSING -> FileCheck.Status.MISSING;
      case SnapshotFileException.FORBIDDEN -> FileCheck.Status.FORBIDDEN;
      default -> FileCheck.Status.UNREADABLE;
    };
  }

  private List<FileCheck> results() {
    List<FileCheck> results = new ArrayList<>();
    for (int i = 0; i < checks.length(); i++) {
      results.add(checks.get(i));
    }
    return results;
  }
}
