package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WalRatesTest {

  @Test
  void a2TheAverageStartsWithTheFirstRateAndMovesByAlpha() {
    WalRates one = WalRates.none().with(10, 0.2);
    WalRates two = one.with(20, 0.2);
    WalRates three = two.with(5, 0.2);

    assertThat(one.ema()).isEqualTo(10);
    assertThat(two.ema()).isEqualTo(12);
    assertThat(three.ema()).isCloseTo(10.6, within(1e-12));
  }

  @ParameterizedTest(name = "{0}: the {2}th percentile of {1} is {3}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          A4a     | 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 |  95 | 19
          A4b     | 1 2 3 4 5 6 7 8 9 10                               |  95 | 10
          A4c     | 4 8 6 50 5                                         |  95 | 50
          A4d     | 7                                                  |  95 |  7
          lowest  | 4 8 6 50 5                                         |   1 |  4
          of zero | 4 8 6 50 5                                         |   0 |  4
          median  | 4 8 6 50 5                                         |  50 |  6
          exact   | 1 2 3 4 5 6 7 8 9 10                               |  70 |  7
          highest | 4 8 6 50 5                                         | 100 | 50
          """)
  void thePercentileIsTheNearestRank(String id, String rates, double percent, double expected) {
    double[] values = Arrays.stream(rates.split(" ")).mapToDouble(Double::parseDouble).toArray();

    assertThat(WalRates.of(values, 1).percentile(percent)).isEqualTo(expected);
  }

  @Test
  void theNewestHundredAreKept() {
    WalRates rates = WalRates.none();
    for (int i = 1; i <= 150; i++) {
      rates = rates.with(i, 0.2);
    }

    assertThat(rates.count()).isEqualTo(100);
    assertThat(rates.toArray()).startsWith(51).endsWith(150);
    assertThat(rates.latest()).isEqualTo(150);
    assertThat(rates.max()).isEqualTo(150);
    assertThat(rates.mean()).isEqualTo(100.5);
  }

  @Test
  void withoutRatesNothingIsKnown() {
    WalRates none = WalRates.none();

    assertThat(none.count()).isZero();
    assertThat(new double[] {none.latest(), none.mean(), none.max(), none.ema()})
        .containsOnly(Double.NaN);
  }

  @Test
  void threeAreEnough() {
    WalRates two = WalRates.none().with(1, 0.2).with(2, 0.2);

    assertThat(two.enough()).isFalse();
    assertThat(two.with(3, 0.2).enough()).isTrue();
    assertThat(WalRates.of(new double[] {1, 2, 3}, Double.NaN).enough()).isFalse();
  }

  @Test
  void comesBackAsItWasKept() {
    WalRates rates = WalRates.none().with(1, 0.5).with(2, 0.5);

    assertThat(WalRates.of(rates.toArray(), rates.ema()))
        .isEqualTo(rates)
        .hasSameHashCodeAs(rates)
        .hasToString("WalRates[ema=1.5, rates=[1.0, 2.0]]");
    assertThat(rates).isNotEqualTo(WalRates.of(rates.toArray(), 3));
  }

  @Test
  void sharesNoArray() {
    double[] values = IntStream.range(0, 3).asDoubleStream().toArray();
    WalRates rates = WalRates.of(values, 1);

    values[0] = 99;
    rates.toArray()[1] = 99;

    assertThat(rates.toArray()).containsExactly(0, 1, 2);
  }
}
