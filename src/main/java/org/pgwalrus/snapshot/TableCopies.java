package org.pgwalrus.snapshot;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.files.DataFileWriter;
import org.pgwalrus.snapshot.files.FileNames;
import org.pgwalrus.snapshot.files.Manifest;
import org.pgwalrus.snapshot.files.SnapshotDirectory;

/** Copies parts of tables to files, as many at once as there are streams. */
final class TableCopies {

  /** Files that are brought to the disk at once: a file system does that for many together. */
  private static final int MOST_ENDING = 16;

  private final Copiers copiers;
  private final FileThreads threads;
  private final SnapshotDirectory directory;
  private final SnapshotRequest request;
  private final Deque<Part> waiting;
  private final FileNames names;
  private final String encoding;
  private final Map<Copier, PartCopy> running = new HashMap<>();
  private final List<PartCopy> ending = new ArrayList<>();

  /** What is done, by number: no more than the manifest needs, as there may be many tables. */
  private final Map<SourceTable, SortedMap<Integer, Manifest.Part>> done = new HashMap<>();

  private final Map<SourceTable, Integer> left = new HashMap<>();
  private final Map<Copier, Buffers> streams = new LinkedHashMap<>();

  TableCopies(
      Session session,
      SnapshotDirectory directory,
      SnapshotRequest request,
      List<Part> parts,
      FileNames names,
      String encoding) {
    copiers = session.copiers();
    threads = new FileThreads("snapshot writer", copiers);
    this.directory = directory;
    this.request = request;
    waiting = new ArrayDeque<>(parts);
    this.names = names;
    this.encoding = encoding;
    parts.forEach(part -> left.merge(part.table(), 1, Integer::sum));
  }

  /** Gives it streams, or more of them. */
  void open(List<Copier> opened) {
    opened.forEach(stream -> streams.put(stream, new Buffers(copiers)));
  }

  /** The encoding of the files: the database's own, so that nothing is converted. */
  String encoding() {
    return encoding;
  }

  /** How many streams it has. */
  int streams() {
    return streams.size();
  }

  /** Gives idle streams something to do, without a wait; false when nothing is left. */
  boolean step(Progress progress) {
    streams.keySet().stream().filter(Copier::isIdle).forEach(this::finish);
    if (waiting.isEmpty() || ending.size() > MOST_ENDING) {
      threads.expectEnd();
    }
    collect(progress);
    streams.forEach((stream, buffers) -> {
      if (stream.isIdle() && ending.size() <= MOST_ENDING) {
        begin(stream, buffers, progress);
      }
    });
    if (running.isEmpty() && ending.isEmpty() && waiting.isEmpty()) {
      threads.end();
      return false;
    }
    return true;
  }

  private void finish(Copier stream) {
    PartCopy copy = running.remove(stream);
    if (copy != null) {
      stream.check("table " + copy.part().table().displayName());
      copy.end(stream.count());
      ending.add(copy);
    }
  }

  private void begin(Copier stream, Buffers buffers, Progress progress) {
    Part part = waiting.poll();
    if (part == null) {
      return;
    }
    SourceTable table = part.table();
    String file =
        part.number() == 0
            ? names.table(table.schema(), table.name())
            : names.part(table.schema(), table.name(), part.number());
    PartCopy copy =
        new PartCopy(
            part,
            buffers,
            () -> DataFileWriter.create(directory, file, request.compression(), request.level()),
            progress);
    copy.start(threads);
    running.put(stream, copy);
    progress.table(table.displayName());
    stream.copyOut(part.copy(encoding), copy.rows());
  }

  /** Counts what has come to the disk. */
  private void collect(Progress progress) {
    for (PartCopy copy : List.copyOf(ending)) {
      if (copy.isDone()) {
        ending.remove(copy);
        Manifest.Part result = copy.result();
        SourceTable table = copy.part().table();
        done.computeIfAbsent(table, _ -> new TreeMap<>()).put(copy.part().number(), result);
        if (left.merge(table, -1, Integer::sum) == 0) {
          progress.tables(1);
        }
        progress.rows(result.rowCount());
        copy.advanceToEnd();
      }
    }
  }

  /** All tables with their files, in the order given, and fingerprints by schema and name. */
  List<Manifest.Table> tables(List<SourceTable> all, Map<List<String>, String> fingerprints) {
    return all.stream()
        .map(table ->
            new Manifest.Table(
                table.schema(),
                table.name(),
                table.columns(),
                table.types(),
                fingerprints.get(List.of(table.schema(), table.name())),
                List.copyOf(done.getOrDefault(table, Collections.emptySortedMap()).values())))
        .toList();
  }

  /** Stops all threads and waits until their files are closed. */
  void abandon() {
    List<PartCopy> open = new ArrayList<>(running.values());
    open.addAll(ending);
    open.forEach(PartCopy::abandon);
    threads.end();
    running.clear();
    ending.clear();
  }
}
