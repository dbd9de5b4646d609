package org.pgwalrus.sizing;

/**
 * How sizes shrink.
 *
 * @param enabled whether they do
 * @param factor what a size is multiplied by, 0.01 to 0.99
 * @param intervals consecutive quiet intervals before that, 1 or more
 * @param minSizeMb the size that shrinking never goes below, in MB, 2 or more
 */
public record ShrinkPolicy(boolean enabled, double factor, int intervals, int minSizeMb) {}
