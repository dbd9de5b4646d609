package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/**
 * Refuses what a profile cannot mean, by its name and in the words of {@code walrus.profiles}.
 *
 * @param name the profile's name
 */
record ProfileCheck(String name) {

  private static final int LEAST_MB = 2;

  /** Refuses a value outside a range; null is none. */
  void range(String field, @Nullable Integer value, int least, int most) {
    if (value != null) {
      that(
          least <= value && value <= most,
          field + " must be between " + least + " and " + most + ", is " + value);
    }
  }

  /** Refuses a size that no setting may have; null is none. */
  void megabytes(String field, @Nullable Integer value) {
    range(field, value, LEAST_MB, Integer.MAX_VALUE);
  }

  /** Refuses, unless it holds, what breaks this rule. */
  void that(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException("profile \"" + name + "\": " + rule);
    }
  }
}
