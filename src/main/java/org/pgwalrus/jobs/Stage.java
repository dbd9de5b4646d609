package org.pgwalrus.jobs;

/**
 * A part of a job.
 *
 * @param phase what it is called
 * @param weight its share of the whole, in any unit that all stages of the plan share
 * @param units how much there is to do, as {@link Progress#advance} counts it; 0 when unknown
 * @param step what is repeated until nothing is left
 */
public record Stage(Phase phase, int weight, long units, Step step) {

  /** A small piece of work, in transactions of its own: between two the job can be stopped. */
  @FunctionalInterface
  public interface Step {

    /** Does one piece; false when there was none left. */
    boolean run(Progress progress);
  }
}
