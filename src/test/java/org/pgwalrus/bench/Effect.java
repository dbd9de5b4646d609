package org.pgwalrus.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.pgwalrus.cluster.Counters.Stretch;

/**
 * What the extension gains: the same load on the same server with and without pg_walrus in turn.
 */
final class Effect {

  static final String METHOD =
      """
      A new server for each run, without and with pg_walrus in turn: `max_wal_size = 64MB`,
      `checkpoint_timeout = 30s`, `shared_buffers = 512MB`, `fsync = on`, `synchronous_commit = off`,
      `autovacuum = off`, `walrus.early_reaction = off`, all else at its default, and 4 clients of `pgbench -N -M prepared` at scale
      20 at full speed. Intervals of 30 s from the start of the load; the worker takes its baseline
      right before it and so decides at the end of the first interval.
      """;

  private final List<List<Stretch>> without = new ArrayList<>();
  private final List<List<Stretch>> with = new ArrayList<>();

  Effect(int runs) throws SQLException {
    for (int i = 0; i < runs; i++) {
      without.add(Load.run(false));
      with.add(Load.run(true));
    }
  }

  /** The results, medians of the runs. */
  String report() {
    Table table =
        new Table(
            "", "interval", "forced", "tps", "WAL MB/s", "WAL B/tx", "FPI/tx", "max_wal_size");
    add(table, "without pg_walrus", without);
    add(table, "with pg_walrus", with);
    return "Medians of "
        + with.size()
        + " runs. *Forced*: requested checkpoints in 30 s; *FPI/tx*: full-page images for one"
        + " transaction; *max_wal_size*: at the start of the interval.\n\n"
        + table
        + "\nIn the intervals after the decision, with pg_walrus against without: WAL for a"
        + " transaction "
        + percent(Stretch::walBytesPerTransaction)
        + ", transactions per second "
        + percent(Stretch::tps)
        + ".\n";
  }

  private static void add(Table table, String name, List<List<Stretch>> runs) {
    for (int i = 0; i < Load.INTERVALS; i++) {
      table.row(
          name,
          String.valueOf(i + 1),
          cell(0, runs, i, Stretch::forced),
          cell(0, runs, i, Stretch::tps),
          cell(1, runs, i, Stretch::walMbPerSecond),
          cell(0, runs, i, Stretch::walBytesPerTransaction),
          cell(2, runs, i, Stretch::imagesPerTransaction),
          cell(0, runs, i, Stretch::maxWalSizeMb) + " MB");
    }
  }

  private static String cell(
      int digits, List<List<Stretch>> runs, int interval, ToDoubleFunction<Stretch> value) {
    return Table.number(digits, median(runs, interval, value));
  }

  private static double median(
      List<List<Stretch>> runs, int interval, ToDoubleFunction<Stretch> value) {
    return Median.of(runs, run -> value.applyAsDouble(run.get(interval)));
  }

  /** The mean of the intervals after the decision. */
  private static double after(List<List<Stretch>> runs, ToDoubleFunction<Stretch> value) {
    return Median.of(
        runs, run -> run.stream().skip(1).mapToDouble(value).average().orElse(Double.NaN));
  }

  List<Target> targets() {
    double before = median(with, 0, Stretch::forced);
    double fall = 100 * (1 - after(with, Stretch::forced) / before);
    return List.of(
        new Target(
            "forced checkpoints per interval down by 80 % or more, after the first decision",
            Table.number(0, fall) + " %", fall >= 80));
  }

  private String percent(ToDoubleFunction<Stretch> value) {
    double change = 100 * (after(with, value) / after(without, value) - 1);
    return (change > 0 ? "+" : "") + Table.number(0, change) + " %";
  }
}
