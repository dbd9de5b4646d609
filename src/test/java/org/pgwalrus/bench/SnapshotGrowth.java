package org.pgwalrus.bench;

import java.util.ArrayList;
import java.util.List;

/** Whether time grows with the size of a database, and memory does not. */
final class SnapshotGrowth {

  /**
   * A database of one size.
   *
   * @param gigabytes of its tables
   */
  private record Size(
      double gigabytes,
      double generation,
      double application,
      double peakOf,
      double peakOfApplying) {}

  private final List<Size> sizes = new ArrayList<>();

  /** Measures sizes from a quarter of what is given to twice as much. */
  SnapshotGrowth(SnapshotServer server, int megabytes) {
    for (int size = megabytes / 4; size <= 2 * megabytes; size *= 2) {
      SnapshotData.PGBENCH.make(server.cluster(), size);
      try (PeakMemory generating = new PeakMemory(server.cluster())) {
        double generation = server.generate(SnapshotData.PGBENCH, Codec.NONE);
        double peak = generating.end();
        try (PeakMemory applying = new PeakMemory(server.cluster())) {
          double application = server.apply();
          sizes.add(new Size(size / 1024.0, generation, application, peak, applying.end()));
        }
      }
      server.drop(SnapshotData.PGBENCH);
    }
  }

  /** The most memory that a job had, MB. */
  double peak() {
    return sizes.stream()
        .mapToDouble(size -> Math.max(size.peakOf, size.peakOfApplying))
        .max()
        .orElseThrow();
  }

  @Override
  public String toString() {
    Table table =
        new Table("pgbench, GB", "generate, s", "s/GB", "MB", "apply, s", "s/GB", "MB of memory");
    for (Size size : sizes) {
      table.row(
          Table.number(2, size.gigabytes),
          Table.number(1, size.generation),
          Table.number(1, size.generation / size.gigabytes),
          Table.number(0, size.peakOf),
          Table.number(1, size.application),
          Table.number(1, size.application / size.gigabytes),
          Table.number(0, size.peakOfApplying));
    }
    return table.toString();
  }
}
