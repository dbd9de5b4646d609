package org.pgwalrus.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * The same work done by two in turn.
 *
 * @param name the work
 * @param rival seconds of each run of the rival
 * @param ours seconds of each run of ours
 */
record Duel(String name, List<Double> rival, List<Double> ours) {

  /** Has both do it so many times; each returns the seconds it took. */
  static Duel run(String name, int runs, DoubleSupplier rival, DoubleSupplier ours) {
    Duel duel = new Duel(name, new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < runs; i++) {
      duel.rival.add(rival.getAsDouble());
      duel.ours.add(ours.getAsDouble());
    }
    return duel;
  }

  private static double median(List<Double> seconds) {
    return Median.of(seconds, Double::doubleValue);
  }

  /** How many times as long as the rival ours takes. */
  double ratio() {
    return median(ours) / median(rival);
  }

  /** Whether ours is at least as fast, to the last digit that is shown. */
  boolean isWon() {
    return ratio() < 1.005;
  }

  void addTo(Table table) {
    table.row(
        name,
        Table.number(2, median(rival)),
        Table.number(2, median(ours)),
        Table.number(2, ratio()),
        isWon() ? "yes" : "**no**");
  }
}
