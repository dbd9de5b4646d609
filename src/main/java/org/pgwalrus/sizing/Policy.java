package org.pgwalrus.sizing;

/**
 * What the administrator asked for, as set; values that the server could not live with are
 * corrected where they are used.
 *
 * @param maxMb the ceiling of growth in MB, 2 or more; less than two WAL segments is taken as two
 * @param threshold the smallest effective delta of an interval that is pressure, 1 or more
 * @param countMode which requested checkpoints count
 */
public record Policy(int maxMb, int threshold, CountMode countMode) {}
