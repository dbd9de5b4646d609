package org.pgwalrus.jobs;

/** How far a job is, over all its stages by their weights: never less than before. */
final class Percent {

  /** What a job that has not ended shows at most. */
  static final double NEARLY = 99.9;

  private final int total;
  private int done;
  private int weight;
  private long units;
  private long finished;
  private double shown;

  Percent(Plan plan) {
    total = plan.weight();
  }

  /** The stage before is done. */
  void enter(Stage stage) {
    done += weight;
    weight = stage.weight();
    units = stage.units();
    finished = 0;
  }

  void advance(long more) {
    finished += more;
  }

  /** 0 to {@link #NEARLY}. */
  double value() {
    double part = units <= 0 ? 0 : Math.min(1, (double) finished / units);
    double value = 100 * (done + weight * part) / total;
    shown = Math.max(shown, Math.min(NEARLY, value));
    return shown;
  }
}
