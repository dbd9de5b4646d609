package org.pgwalrus.sizing;

import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Random inputs for properties, some the same each time and some new. A failure names its seed; put
 * it here to repeat it.
 */
final class Seeds {
  private static final RandomGeneratorFactory<RandomGenerator> GENERATOR =
      RandomGeneratorFactory.of("L64X128MixRandom");
  private static final long[] SEEDS = {1, System.nanoTime()};

  private Seeds() {}

  /** The same each time. */
  static RandomGenerator fixed() {
    return GENERATOR.create(SEEDS[0]);
  }

  static void forEach(Consumer<RandomGenerator> property) {
    for (long seed : SEEDS) {
      try {
        property.accept(GENERATOR.create(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("with seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }
}
