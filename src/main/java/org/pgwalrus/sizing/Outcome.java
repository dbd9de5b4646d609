package org.pgwalrus.sizing;

import java.util.List;

/**
 * What came of an interval.
 *
 * @param decision what to do now
 * @param state what to hand in with the next sample, whether or not the decision could be carried
 *     out: a change that failed is not made up for, the next interval decides anew
 * @param steps the checks that led there, in their order
 */
public record Outcome(Decision decision, State state, List<Step> steps) {}
