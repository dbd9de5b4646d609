package org.pgwalrus.jobs;

import java.util.List;

/**
 * What a job is going to do.
 *
 * @param tables how many tables it is about
 * @param rows how many rows, 0 when unknown
 * @param bytes how many bytes, 0 when unknown
 * @param stages in order
 */
public record Plan(int tables, long rows, long bytes, List<Stage> stages) {

  /** The sum of all weights, at least 1. */
  int weight() {
    int sum = 0;
    for (Stage stage : stages) {
      sum += stage.weight();
    }
    return Math.max(sum, 1);
  }
}
