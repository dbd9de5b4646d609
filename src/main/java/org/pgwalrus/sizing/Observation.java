package org.pgwalrus.sizing;

/** What a sample leads to at once. */
public sealed interface Observation {

  /**
   * There is nothing to decide.
   *
   * @param decision {@link Decision.Waiting}, {@link Decision.Unavailable} or {@link
   *     Decision.Baseline}
   * @param state what to hand in with the next sample
   */
  record Undecided(Decision decision, State state) implements Observation {}

  /**
   * It is time for {@link SizingEngine#decide}.
   *
   * @param interval the interval to decide, extended by the sample
   * @param trigger why now
   * @param state the state with that interval
   */
  record Due(Interval interval, Trigger trigger, State state) implements Observation {}
}
