package org.pgwalrus.snapshot.apply;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.snapshot.files.Compression;
import org.pgwalrus.snapshot.files.DataFileReader;
import org.pgwalrus.snapshot.files.SnapshotDirectory;

/** A session that loads one file after another, each in a transaction of its own. */
final class Stream {

  private static final int BUFFERS = 16;
  private static final int BUFFER_SIZE = 64 * 1024;

  private enum Step {
    BEGIN,
    COPY,
    COMMIT
  }

  /** What all streams of a job have in common. */
  record Context(
      long job,
      Copiers copiers,
      SnapshotDirectory directory,
      Compression compression,
      String encoding,
      boolean freezes) {}

  private final Context context;
  private final Copier copier;
  private final BlockingQueue<ByteBuffer> buffers = new ArrayBlockingQueue<>(BUFFERS);
  private Step step = Step.COMMIT;
  private @Nullable FileLoad load;
  private @Nullable FilePipe pipe;
  private @Nullable Progress progress;
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

  /** What it loads, null when it has nothing to do. */
  @Nullable FileLoad load() {
    return load;
  }

  void begin(FileLoad next, Progress job) {
    load = next;
    progress = job;
    shown = 0;
    step = Step.BEGIN;
    copier.run(next.begin(freezes(next)));
  }

  private boolean freezes(FileLoad next) {
    return context.freezes() && next.isWhole();
  }

  /** Goes on after a statement; the file whose rows are in the table now, null while it is not. */
  @Nullable FileLoad advance() {
    FileLoad current = load;
    if (current == null) {
      return null;
    }
    long count = copier.count();
    switch (step) {
      case BEGIN -> {
        step = Step.COPY;
        copy(current);
      }
      case COPY -> {
        step = Step.COMMIT;
        close();
        compare(current, count);
        copier.run(current.commit(context.job()));
      }
      case COMMIT -> {
        load = null;
        show(current, current.bytes());
        return current;
      }
    }
    return null;
  }

  private void copy(FileLoad current) {
    FilePipe opened =
        new FilePipe(
            DataFileReader.open(
                context.directory(), current.part().stored(), context.compression()),
            buffers,
            bytes -> show(current, bytes));
    pipe = opened;
    opened.start(context.copiers());
    copier.copyIn(current.copy(context.encoding(), freezes(current)), opened);
  }

  /** Never more than the manifest tells. */
  private void show(FileLoad current, long bytes) {
    long more = Math.min(bytes, current.bytes() - shown);
    shown += more;
    if (progress != null) {
      progress.bytes(more);
      progress.advance(more);
    }
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

  /** Stops the thread that reads. */
  void close() {
    if (pipe != null) {
      pipe.close();
      pipe = null;
    }
  }
}
