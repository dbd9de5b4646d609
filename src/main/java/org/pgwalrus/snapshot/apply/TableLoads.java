package org.pgwalrus.snapshot.apply;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.snapshot.FileThreads;
import org.pgwalrus.snapshot.files.Manifest;

/** Loads the files of tables, the largest first, as many at once as there are streams. */
final class TableLoads {

  /** Tables that a stream locks at once, and loads again if its transaction comes to nothing. */
  private static final int LARGEST_BATCH = 50;

  /** What another try would have to load again, bytes of rows. */
  private static final long MOST_BYTES = 8L << 20;

  /** Of each stream at least, so that all end at about the same time. */
  private static final int BATCHES = 16;

  private final Copiers copiers;
  private final FileThreads threads;
  private final Deque<FileLoad> waiting = new ArrayDeque<>();
  private final Map<Manifest.Table, Integer> left = new HashMap<>();
  private final List<Stream> streams = new ArrayList<>();
  private int batch = 1;

  /**
   * Loads that have not begun.
   *
   * @param loaded files whose rows are in their tables already
   */
  TableLoads(Copiers copiers, Manifest manifest, Set<String> loaded) {
    this.copiers = copiers;
    threads = new FileThreads("snapshot reader", copiers);
    manifest.tables().stream()
        .flatMap(table -> table.parts().stream().map(part -> new FileLoad(table, part)))
        .filter(load -> !loaded.contains(load.file()))
        .sorted(Comparator.comparingLong(FileLoad::bytes).reversed())
        .forEach(waiting::add);
    waiting.forEach(load -> left.merge(load.table(), 1, Integer::sum));
  }

  /** How many tables they are of. */
  int tables() {
    return left.size();
  }

  long rows() {
    return waiting.stream().mapToLong(load -> load.part().rowCount()).sum();
  }

  /** Bytes of rows that there are to load. */
  long bytes() {
    return waiting.stream().mapToLong(FileLoad::bytes).sum();
  }

  /** What reads the files. */
  FileThreads threads() {
    return threads;
  }

  boolean isOpen() {
    return !streams.isEmpty();
  }

  void open(Stream.Context context, List<Copier> opened) {
    batch = Math.clamp(waiting.size() / (BATCHES * opened.size()), 1, LARGEST_BATCH);
    opened.forEach(copier -> streams.add(new Stream(context, copier)));
  }

  /** Lets the streams work until something has ended; false when nothing is left. */
  boolean step(Progress progress) {
    boolean busy = false;
    for (Stream stream : streams) {
      if (stream.copier().isIdle()) {
        stream.advance().forEach(done -> count(done, progress));
        if (!stream.isBusy() && !waiting.isEmpty()) {
          stream.begin(nextBatch(), progress);
        }
      }
      busy |= stream.isBusy();
    }
    if (busy) {
      copiers.awaitAny();
    } else {
      threads.end();
    }
    return busy;
  }

  private List<FileLoad> nextBatch() {
    List<FileLoad> next = new ArrayList<>();
    long bytes = 0;
    while (!waiting.isEmpty()
        && (next.isEmpty()
            || (next.size() < batch && bytes + waiting.element().bytes() <= MOST_BYTES))) {
      bytes += waiting.element().bytes();
      next.add(waiting.remove());
    }
    return next;
  }

  private void count(FileLoad done, Progress progress) {
    progress.rows(done.part().rowCount());
    if (left.merge(done.table(), -1, Integer::sum) == 0) {
      progress.tables(1);
    }
  }

  /** Stops all threads. */
  void close() {
    streams.forEach(Stream::close);
    threads.end();
  }
}
