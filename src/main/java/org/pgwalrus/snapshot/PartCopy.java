package org.pgwalrus.snapshot;

import java.util.function.Supplier;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.snapshot.files.DataFileWriter;
import org.pgwalrus.snapshot.files.Manifest;

/** One part on its way from the server to its file, and its share of the progress. */
final class PartCopy {

  private final Part part;
  private final RowPipe pipe;
  private final Progress progress;
  private long shown;
  private long rowCount;

  PartCopy(Part part, Buffers buffers, Supplier<DataFileWriter> file, Progress progress) {
    this.part = part;
    this.progress = progress;
    pipe = new RowPipe(buffers, file, this::advance);
  }

  Part part() {
    return part;
  }

  void start(FileThreads threads) {
    pipe.start(threads);
  }

  Copier.Sink rows() {
    return pipe;
  }

  /** Bytes of CSV stand for bytes on disk until the end, which tells how many there were. */
  private void advance(long bytes) {
    show(Math.min(bytes, part.bytes() - shown));
  }

  void advanceToEnd() {
    show(part.bytes() - shown);
  }

  private void show(long more) {
    shown += more;
    progress.bytes(more);
    progress.advance(more);
  }

  /** All rows have come. */
  void end(long rows) {
    rowCount = rows;
    pipe.end();
  }

  boolean isDone() {
    return pipe.isDone();
  }

  /** The file, once it is done; throws what has gone wrong with it. */
  Manifest.Part result() {
    return new Manifest.Part(pipe.stored(), rowCount);
  }

  void abandon() {
    pipe.abandon();
  }
}
