package org.pgwalrus.sizing;

/**
 * One step of the engine.
 *
 * @param decision what to do now
 * @param state what to hand in with the next sample, whether or not the decision could be carried
 *     out: a change that failed is not made up for, the next interval decides anew
 */
public record Outcome(Decision decision, State state) {}
