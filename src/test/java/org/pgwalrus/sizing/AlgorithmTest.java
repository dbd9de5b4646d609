package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Algorithm.ADAPTIVE;
import static org.pgwalrus.sizing.Algorithm.ADDITIVE;
import static org.pgwalrus.sizing.Algorithm.MULTIPLICATIVE;
import static org.pgwalrus.sizing.Algorithm.PERCENTILE;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The size that each algorithm asks for, seen from a decision. */
class AlgorithmTest {

  @Test
  void a1AdditiveTakesAStepForEachCheckpoint() {
    Scenario first = scenario().algorithm(ADDITIVE).delta(3);
    Scenario second = scenario().algorithm(ADDITIVE).increment(100).size(4096).delta(2);

    assertThat(change(first).toMb()).isEqualTo(2560);
    assertThat(change(second.ceiling(65536)).toMb()).isEqualTo(4296);
  }

  @Test
  void a3AdaptiveFollowsTheMovingAverage() {
    Scenario scenario = scenario().algorithm(ADAPTIVE).ceiling(65536).rates(10, 20).delta(3);

    Change change = change(scenario.wal(5 * 300));

    assertThat(change.toMb()).isEqualTo(9136);
    assertThat(change.algorithm()).isEqualTo(ADAPTIVE);
  }

  @Test
  void percentileFollowsTheHighestRates() {
    Scenario scenario = scenario().algorithm(PERCENTILE).ceiling(65536).rates(4, 8, 6, 50).delta(3);

    assertThat(change(scenario.wal(5 * 300)).toMb()).isEqualTo(SizeNeed.mb(50, 1.2, 300, 0.9, 16));
  }

  @ParameterizedTest(name = "A9: {0} with two rates")
  @EnumSource(names = {"ADAPTIVE", "PERCENTILE"})
  void a9TooFewRatesFallBackToMultiplicative(Algorithm algorithm) {
    Change change = change(scenario().algorithm(algorithm).rates(10).wal(3000).delta(3));

    assertThat(change.toMb()).isEqualTo(4096);
    assertThat(change.algorithm()).isEqualTo(MULTIPLICATIVE);
  }

  @ParameterizedTest(name = "A10: {0} of rates below what the size is made for")
  @EnumSource(names = {"ADAPTIVE", "PERCENTILE"})
  void a10CalmRatesStillTakeAStep(Algorithm algorithm) {
    Scenario scenario = scenario().algorithm(algorithm).size(4096).ceiling(65536).delta(2);

    assertThat(change(scenario.steadyRate(1)).toMb()).isEqualTo(4608);
  }

  @Test
  void theHeadroomSetReplacesTheUsualOne() {
    Scenario scenario = scenario().algorithm(PERCENTILE).ceiling(65536).delta(3);

    assertThat(change(scenario.ratePolicy(0.2, 95, 1.0).steadyRate(10)).toMb()).isEqualTo(5776);
  }

  @Test
  void thePercentileSetIsUsed() {
    Scenario scenario =
        scenario()
            .algorithm(PERCENTILE)
            .ceiling(65536)
            .ratePolicy(0.2, 50, 0)
            .rates(50, 10, 10)
            .wal(3000)
            .delta(3);

    assertThat(change(scenario).toMb()).isEqualTo(6912);
  }

  @ParameterizedTest
  @EnumSource
  void isNamedAsInTheSettings(Algorithm algorithm) {
    assertThat(algorithm.text()).isEqualToIgnoringCase(algorithm.name()).isLowerCase();
  }

  private static Change change(Scenario scenario) {
    return ((Decision.Resize) scenario.decision()).change();
  }
}
