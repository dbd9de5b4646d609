package org.pgwalrus.sizing;

/**
 * How sizes grow.
 *
 * @param algorithm how a size is calculated from forced checkpoints
 * @param additiveIncrementMb the step of {@link Algorithm#ADDITIVE} in MB, 1 or more; also the step
 *     where a measured WAL rate asks for no more than there is
 * @param proactive whether a measured WAL rate alone may be a reason to grow
 * @param earlyReaction whether a decision may come before {@code checkpoint_timeout} has passed
 */
public record GrowthPolicy(
    Algorithm algorithm, int additiveIncrementMb, boolean proactive, boolean earlyReaction) {}
