package org.pgwalrus.snapshot.apply;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.snapshot.FileThreads;
import org.pgwalrus.snapshot.files.Compression;
import org.pgwalrus.snapshot.files.DataFileReader;
import org.pgwalrus.snapshot.files.SnapshotDirectory;

/**
 * A session that loads one file after another, small ones several in a transaction: to commit takes
 * longer than to load them.
 */
final class Stream {

  private static final int BUFFERS = 16;
  private static final int BUFFER_SIZE = 64 * 1024;

  /** What another try would have to load again, bytes of rows. */
  private static final long MOST_BYTES = 8L << 20;

  /**
   * What all streams of a job have in common.
   *
   * @param batch files that may go into one transaction
   */
  record Context(
      long job,
      FileThreads threads,
      SnapshotDirectory directory,
      Compression compression,
      String encoding,
      boolean freezes,
      int batch) {}

  private final Context context;
  private final Copier copier;
  private final BlockingQueue<ByteBuffer> buffers = new ArrayBlockingQueue<>(BUFFERS);
  private final List<FileLoad> uncommitted = new ArrayList<>();
  private @Nullable FileLoad load;
  private @Nullable FilePipe pipe;
  private long shown;

  Stream(Context context, Copier copier) {
    this.context = context;
    this.copier = copier;
    for (int i = 0; i < BUFFERS; i++) {
      buffers.add(ByteBuffer.allocateDirect(BUFFER_SIZE));
    }
  }

  Copier copier() {
    return copier;
  }

  /** Whether it has begun anything that is not committed. */
  boolean isBusy() {
    return load != null || !uncommitted.isEmpty();
  }

  /** Whether another file can go into the transaction. */
  boolean takes(FileLoad next) {
    long bytes = uncommitted.stream().mapToLong(FileLoad::bytes).sum();
    return uncommitted.isEmpty()
        || (uncommitted.size() < context.batch() && bytes + next.bytes() <= MOST_BYTES);
  }

  /** Begins to load a file, and the transaction with the first. */
  void begin(FileLoad next, Progress progress) {
    load = next;
    shown = 0;
    FilePipe opened =
        new FilePipe(
            DataFileReader.open(context.directory(), next.part().stored(), context.compression()),
            buffers,
            bytes -> show(next, bytes, progress));
    pipe = opened;
    opened.start(context.threads());
    boolean freezes = context.freezes() && next.isWhole();
    copier.copyIn(
        (uncommitted.isEmpty() ? "BEGIN; " : "") + next.copy(context.encoding(), freezes), opened);
  }

  /** Begins to commit what it has loaded. */
  void commit() {
    copier.run(FileLoad.commit(context.job(), uncommitted));
  }

  /** Goes on after a statement; the files whose rows are in their tables for good since then. */
  List<FileLoad> advance(Progress progress) {
    long count = copier.count();
    if (load != null) {
      close();
      compare(load, count);
      show(load, load.bytes(), progress);
      uncommitted.add(load);
      load = null;
      return List.of();
    }
    List<FileLoad> done = List.copyOf(uncommitted);
    uncommitted.clear();
    return done;
  }

  /** Never more than the manifest tells. */
  private void show(FileLoad current, long bytes, Progress progress) {
    long more = Math.min(bytes, current.bytes() - shown);
    shown += more;
    progress.bytes(more);
    progress.advance(more);
  }

  private static void compare(FileLoad current, long count) {
    long expected = current.part().rowCount();
    if (count != expected) {
      throw new JobException(
          "table "
              + current.tableName()
              + " has got "
              + count
              + " rows of file \""
              + current.file()
              + "\" instead of "
              + expected
              + " (SQLSTATE SR003)");
    }
  }

  /** Ends what is being read. */
  void close() {
    if (pipe != null) {
      pipe.close();
      pipe = null;
    }
  }
}
