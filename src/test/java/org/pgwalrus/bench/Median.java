package org.pgwalrus.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Medians of several runs. */
final class Median {

  private Median() {}

  /** The median of one number of each run; there must be a run. */
  static <T> double of(List<T> runs, ToDoubleFunction<T> number) {
    double[] sorted = runs.stream().mapToDouble(number).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
