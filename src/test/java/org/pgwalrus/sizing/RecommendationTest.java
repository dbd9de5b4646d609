package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Recommendation.Action.DECREASE;
import static org.pgwalrus.sizing.Recommendation.Action.ERROR;
import static org.pgwalrus.sizing.Recommendation.Action.INCREASE;
import static org.pgwalrus.sizing.Recommendation.Action.NONE;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecommendationTest {

  @Test
  void withoutStatisticsNothingCanBeSaid() {
    Scenario scenario = scenario();

    assertThat(
            Recommendation.of(
                scenario.sample(10, -1, 0, 0),
                scenario.policy(),
                Conditions.of(null),
                scenario.started()))
        .isEqualTo(Recommendation.error(1024, "checkpoint statistics unavailable"))
        .isEqualTo(
            new Recommendation(
                ERROR, 1024, 1024, "checkpoint statistics unavailable", 0, null, Limit.NONE, null));
  }

  @Test
  void withoutABaselineItAwaitsOne() {
    Scenario scenario = scenario();

    assertThat(
            Recommendation.of(
                scenario.sample(10, 99, 0, 0),
                scenario.policy(),
                Conditions.of(null),
                State.initial()))
        .isEqualTo(
            new Recommendation(
                NONE,
                1024,
                1024,
                "awaiting baseline checkpoint count",
                50,
                null,
                Limit.NONE,
                null));
  }

  @ParameterizedTest(name = "{0} MB, delta {1}, ceiling {2} MB: {4}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1024 | 2 |  4096 | 3072 | 2 forced checkpoints detected, recommend increase to 3072 MB         | NONE
          2048 | 5 |  4096 | 4096 | 5 forced checkpoints detected, recommend 4096 MB (capped from 12288 MB) | MAX
          """)
  void underPressureItRecommendsToGrow(
      int sizeMb, long delta, int ceilingMb, int toMb, String reason, Limit limit) {
    Recommendation recommendation =
        running(scenario().size(sizeMb).delta(delta).ceiling(ceilingMb));

    assertThat(recommendation.action()).isEqualTo(INCREASE);
    assertThat(recommendation.currentMb()).isEqualTo(sizeMb);
    assertThat(recommendation.recommendedMb()).isEqualTo(toMb);
    assertThat(recommendation.reason()).isEqualTo(reason);
    assertThat(recommendation.limitedBy()).isEqualTo(limit);
    assertThat(recommendation.change()).extracting(Change::trigger).isEqualTo(Trigger.MANUAL);
    assertThat(recommendation.change()).extracting(Change::toMb).isEqualTo(toMb);
    assertThat(recommendation.evidence()).extracting(Evidence::delta).isEqualTo(delta);
  }

  @Test
  void itNamesTheOtherLimits() {
    Scenario disk = scenario().delta(5).ceiling(65536).disk(3000, 1000, 0);
    Scenario recovery = scenario().delta(5).ceiling(65536).caps(20, 30, 100);

    assertThat(running(disk).reason())
        .isEqualTo(
            "5 forced checkpoints detected, recommend increase to 3200 MB, limited by disk space");
    assertThat(running(recovery).reason())
        .isEqualTo(
            "5 forced checkpoints detected, recommend increase to 2992 MB, limited by recovery"
                + " target");
    assertThat(running(disk.size(4096)))
        .extracting(Recommendation::reason)
        .isEqualTo("limited by disk space");
    assertThat(running(recovery.size(4096)).reason()).isEqualTo("limited by recovery target");
    assertThat(running(recovery).limitedBy()).isEqualTo(Limit.RECOVERY);
  }

  @Test
  void itNamesProjectedWal() {
    Scenario scenario = scenario().proactive().size(4096).ceiling(65536).steadyRate(10);

    assertThat(scenario.recommendation().reason())
        .isEqualTo(
            "proactive: projected WAL exceeds trigger distance, recommend increase to 7472 MB");
    assertThat(scenario.ceiling(6000).recommendation().reason())
        .isEqualTo(
            "proactive: projected WAL exceeds trigger distance, recommend 6000 MB (capped from"
                + " 7472 MB)");
  }

  @Test
  void atTheCeilingItRecommendsNothing() {
    Recommendation recommendation = running(scenario().size(4096).delta(3));

    assertThat(recommendation.action()).isEqualTo(NONE);
    assertThat(recommendation.recommendedMb()).isEqualTo(4096);
    assertThat(recommendation.reason())
        .isEqualTo("already at maximum (4096 MB), 3 forced checkpoints detected");
    assertThat(recommendation.limitedBy()).isEqualTo(Limit.MAX);
    assertThat(recommendation.change()).isNull();
  }

  @Test
  void inQuietTimesItSaysWhatIsMissing() {
    assertThat(running(scenario().delta(1).withoutShrink().quiet(9)).reason())
        .isEqualTo("low activity (1 forced checkpoints), shrink disabled");
    assertThat(running(scenario().size(4096).quiet(4)).reason())
        .isEqualTo("low activity, 4 of 5 quiet intervals needed for shrink");
    assertThat(running(scenario().size(900).quiet(7)).reason())
        .isEqualTo("already at minimum (900 MB), 7 quiet intervals accumulated");
    assertThat(running(scenario().size(33).factor(0.99).minSize(2).quiet(7)).reason())
        .isEqualTo("shrink target (33 MB) not less than current (33 MB)");
  }

  @Test
  void afterEnoughQuietItRecommendsToShrink() {
    Recommendation recommendation = running(scenario().size(4096).quiet(5));

    assertThat(recommendation.action()).isEqualTo(DECREASE);
    assertThat(recommendation.recommendedMb()).isEqualTo(3072);
    assertThat(recommendation.reason())
        .isEqualTo("5 quiet intervals, recommend decrease to 3072 MB");
  }

  @Test
  void anIntervalThatHasEndedCountsItself() {
    assertThat(scenario().size(4096).quiet(4).recommendation().action()).isEqualTo(DECREASE);
  }

  @ParameterizedTest(name = "counter {0}, {1} quiet intervals: {2}")
  @CsvSource({"10, 0, 65", "11, 0, 85", "10, 1, 80", "11, 1, 100"})
  void confidenceGrowsWithWhatIsKnown(long counter, int quiet, int confidence) {
    Scenario scenario = scenario().base(counter).quiet(quiet);

    assertThat(running(scenario).confidence()).isEqualTo(confidence);
  }

  @Test
  void noRateLimitAppliesAndNoDryRun() {
    Scenario scenario = scenario().delta(3).limit(300, 0).changedAt(1).trial();

    assertThat(running(scenario).action()).isEqualTo(INCREASE);
  }

  /** While the interval still runs. */
  private static Recommendation running(Scenario scenario) {
    return scenario.elapsed(299).recommendation();
  }
}
