package org.pgwalrus.snapshot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Divides tables into parts, so that one huge table keeps all streams busy. By bytes with TOAST, as
 * a table may be small and its TOAST table huge.
 */
final class Parts {

  /** The largest part, bytes: one file and one statement that can fail. */
  static final long LARGEST = 1L << 30;

  /** A smaller one is not worth a file of its own, bytes. */
  static final long SMALLEST = 64L << 20;

  /** Parts for each stream, so that the last ones end at about the same time. */
  private static final long EACH = 4;

  private Parts() {}

  /** All parts, the largest first. */
  static List<Part> of(List<SourceTable> tables, int streams) {
    long total = tables.stream().mapToLong(SourceTable::bytes).sum();
    long size = streams == 1 ? LARGEST : Math.clamp(total / (streams * EACH), SMALLEST, LARGEST);
    List<Part> parts = new ArrayList<>();
    for (SourceTable table : tables) {
      parts.addAll(of(table, size));
    }
    parts.sort(Comparator.comparingLong(Part::bytes).reversed());
    return parts;
  }

  /** The parts of a table, each of about so many bytes. */
  static List<Part> of(SourceTable table, long size) {
    long count = Math.min(Math.ceilDiv(table.bytes(), size), table.blocks());
    if (count < 2 || !table.isSplittable() || table.columns().isEmpty()) {
      return List.of(new Part(table, 0, 0, Part.NO_END, table.bytes()));
    }
    List<Part> parts = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      parts.add(
          new Part(
              table,
              (int) i + 1,
              table.blocks() * i / count,
              i == count - 1 ? Part.NO_END : table.blocks() * (i + 1) / count,
              table.bytes() / count));
    }
    return parts;
  }
}
