package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettledRateTest {

  private static final TriggerDistance D32 = new TriggerDistance(2, 16);

  /** 64 MB, a checkpoint every 32 MB, a timeout of 30 s. */
  @ParameterizedTest
  @CsvSource({
    "18, 0.0, 18.0",
    "18, 1.0,  5.81",
    "18, 0.5, 11.91",
    "80, 1.0, 14.23",
    " 1, 1.0,  1.0",
    " 0, 1.0,  0.0"
  })
  void fullPagesBecomeRarerAndTheRestStays(double rate, double share, double settled) {
    assertThat(SettledRate.of(rate, share, D32, 30)).isCloseTo(settled, within(0.01));
  }

  @Test
  void whatIsNotMeasuredStaysSo() {
    assertThat(SettledRate.of(Double.NaN, 1, D32, 30)).isNaN();
  }

  @Test
  void itNeverRisesAndNeverFallsBelowTheRestOfTheWal() {
    Seeds.forEach(random -> {
      for (int i = 0; i < 100_000; i++) {
        double rate = random.nextDouble(0, 10_000);
        double share = random.nextDouble();
        TriggerDistance distance = new TriggerDistance(random.nextInt(1, 5000), 16);
        double settled = SettledRate.of(rate, share, distance, random.nextInt(30, 86_400));
        assertThat(settled)
            .as("rate %f, share %f, %s", rate, share, distance)
            .isBetween(rate * (1 - share) - 1e-9, rate);
      }
    });
  }
}
