package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalculationTest {

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
    assertThat(Calculation.multiplicative(currentMb, delta)).isEqualTo(calculatedMb);
  }

  @ParameterizedTest(name = "{0}: {1} MB + {2} * {3} MB is {4} MB")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          A1a            |       1024 |                   3 |     512 |       2560
          A1b            |       4096 |                   2 |     100 |       4296
          unchanged      |       1024 |                   0 |     512 |       1024
          last that fits |          1 |          2147483646 |       1 | 2147483647
          first too many |          1 |          2147483647 |       1 | 2147483647
          rounded down   | 2147483000 |                   1 |     512 | 2147483512
          just over      | 2147483000 |                   2 |     512 | 2147483647
          longest        | 2147483647 | 9223372036854775807 | 1048576 | 2147483647
          """)
  void addsAndSaturates(String id, int currentMb, long delta, int incrementMb, int calculatedMb) {
    assertThat(Calculation.additive(currentMb, delta, incrementMb)).isEqualTo(calculatedMb);
  }
}
