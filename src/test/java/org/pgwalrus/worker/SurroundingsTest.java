package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The share of full-page images between two looks. */
class SurroundingsTest {

  @ParameterizedTest
  @CsvSource({
    "100, 1000, 350, 2000, 0.25",
    "100, 1000, 100, 2000, 0",
    // Holes in pages: their number times the block size is more than was written.
    "100, 1000, 9999, 2000, 1",
    // No WAL since.
    "100, 1000, 100, 1000, NaN",
    // The statistics were reset.
    "100, 1000, 10, 50, NaN",
    "100, 1000, 10, 2000, NaN",
    // One of the two looks failed.
    "0, 0, 350, 2000, NaN",
    "100, 1000, 0, 0, NaN"
  })
  void itIsThatOfTheWalSinceThen(
      long fpiBefore, long walBefore, long fpiNow, long walNow, Double share) {
    Surroundings earlier = new Surroundings(null, fpiBefore, walBefore);
    Surroundings now = new Surroundings(null, fpiNow, walNow);

    assertThat(now.fpiShareSince(earlier)).isEqualTo(share);
  }
}
