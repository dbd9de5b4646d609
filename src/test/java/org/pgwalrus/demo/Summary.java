package org.pgwalrus.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.pgwalrus.cluster.Counters.Stretch;
import org.pgwalrus.cluster.TestCluster;

/**
 * Before and after, one column for each interval.
 *
 * @param intervals what was counted in each: before, while it was switched on, and after
 */
record Summary(List<Stretch> intervals) {

  /** As many forced checkpoints in an interval make the worker act. */
  private static final int STORM = 2;

  void print(PrintStream out) {
    out.printf("%n%-32s %12s %12s %12s%n", "", "off", "switched on", "on");
    line(out, "forced checkpoints in 30 s", s -> String.valueOf(s.forced()));
    line(out, "transactions per second", s -> number("%.0f", s.tps()));
    line(out, "WAL MB/s", s -> number("%.1f", s.walMbPerSecond()));
    line(out, "WAL bytes per transaction", s -> number("%.0f", s.walBytesPerTransaction()));
    line(out, "full-page images per transaction", s -> number("%.2f", s.imagesPerTransaction()));
    line(out, "max_wal_size at its beginning", s -> s.maxWalSizeMb() + " MB");
  }

  /** What the worker has left in the configuration. */
  static String writtenBy(TestCluster cluster) {
    try {
      return Files.readAllLines(cluster.data().resolve("postgresql.auto.conf")).stream()
          .filter(line -> line.startsWith("max_wal_size"))
          .findFirst()
          .orElse("(no max_wal_size)");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is wrong with the outcome; empty when the storm came and went. */
  String complaint() {
    long before = intervals.getFirst().forced();
    long after = intervals.getLast().forced();
    if (before < STORM) {
      return "The load forced only "
          + before
          + " checkpoints in the first interval: this machine is too slow, or too busy, for a storm.";
    }
    if (after >= STORM) {
      return "The storm did not end: "
          + before
          + " forced checkpoints in the first interval, "
          + after
          + " in the last one.";
    }
    return "";
  }

  private void line(PrintStream out, String name, Function<Stretch, String> value) {
    out.printf("%-32s", name);
    intervals.forEach(stretch -> out.printf(" %12s", value.apply(stretch)));
    out.println();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
