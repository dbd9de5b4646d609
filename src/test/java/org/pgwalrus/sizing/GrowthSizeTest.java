package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrowthSizeTest {

  @ParameterizedTest(name = "{0}: {1} MB * ({2} + 1) is {3} MB")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          G13            |          1 |                   0 |          1
          unchanged      |       1024 |                   0 |       1024
          last that fits |          1 |          2147483646 | 2147483647
          first too many |          1 |          2147483647 | 2147483647
          G6             | 1073741823 |                   2 | 2147483647
          just fits      | 1073741823 |                   1 | 2147483646
          G7             | 2147483647 |                   1 | 2147483647
          G8a            |       1024 |          2147483647 | 2147483647
          G8b            |       1024 |          4294967295 | 2147483647
          longest        | 2147483647 | 9223372036854775807 | 2147483647
          """)
  void multipliesAndSaturates(String id, int currentMb, long delta, int calculatedMb) {
    assertThat(GrowthSize.multiplicative(currentMb, delta)).isEqualTo(calculatedMb);
  }

  @ParameterizedTest(name = "{0} MB, ceiling {1} MB, segments of {2} MB: {3} MB")
  @CsvSource({
    "401, 2010, 16, 1203, false", // as computed, not aligned
    "670, 2010, 16, 2010, false", // exactly the ceiling, although it is not a multiple
    "671, 2010, 16, 2000, true",
    "671, 2010, 64, 1984, true",
    "2, 4096, 16, 32, false", // fewer than two segments would not restart
    "2, 2, 1024, 2048, false",
    "2147483647, 2147483647, 1024, 2147483647, false"
  })
  void onlyLimitsMakeWholeSegments(
      int currentMb, int ceilingMb, int segmentMb, int targetMb, boolean capped) {
    Scenario scenario = scenario().size(currentMb).ceiling(ceilingMb).segment(segmentMb);

    GrowthSize size = GrowthSize.of(scenario.end(), scenario.policy(), 2);

    assertThat(size.targetMb()).isEqualTo(targetMb);
    assertThat(size.capped()).isEqualTo(capped);
  }
}
