package org.pgwalrus.snapshot.apply;

import java.nio.ByteBuffer;
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
 * A session that loads files, small ones several in a transaction and in one order: to commit, and
 * to wait for the next order, takes longer than to load them.
 */
final class Stream {

  private static final int BUFFERS = 16;
  private static final int BUFFER_SIZE = 64 * 1024;

  /**
   * What all streams of a job have in common.
   *
   * @param freezes whether tables are to be emptied
   */
  record Context(
      long job,
      FileThreads threads,
      SnapshotDirectory directory,
      Compression compression,
      String encoding,
      boolean freezes) {}

  private final Context context;
  private final Copier copier;
  private final BlockingQueue<ByteBuffer> buffers = new ArrayBlockingQueue<>(BUFFERS);
  private List<FileLoad> loads = List.of();
  private @Nullable FilePipe pipe;

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
    return !loads.isEmpty();
  }

  /** Begins to load files in one transaction. */
  void begin(List<FileLoad> next, Progress progress) {
    loads = next;
    FilePipe opened = new FilePipe(next, this::open, buffers, new Shown(next, progress));
    pipe = opened;
    opened.start(context.threads());
    copier.copyIn(FileLoad.copy(next, context.encoding(), context.freezes()), opened);
  }

  private DataFileReader open(FileLoad load) {
    return DataFileReader.open(context.directory(), load.part().stored(), context.compression());
  }

  /** Goes on after a statement; the files whose rows are in their tables for good since then. */
  List<FileLoad> advance() {
    if (pipe != null) {
      List<Long> counts = copier.copied();
      close();
      for (int i = 0; i < loads.size(); i++) {
        compare(loads.get(i), counts.get(i));
      }
      copier.run(FileLoad.commit(context.job(), loads));
      return List.of();
    }
    copier.check();
    List<FileLoad> done = loads;
    loads = List.of();
    return done;
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
