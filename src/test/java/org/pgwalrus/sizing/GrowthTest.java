package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.pgwalrus.sizing.Algorithm.MULTIPLICATIVE;
import static org.pgwalrus.sizing.Change.Kind.CAPPED;
import static org.pgwalrus.sizing.Change.Kind.INCREASE;
import static org.pgwalrus.sizing.Scenario.scenario;
import static org.pgwalrus.sizing.Trigger.REACTIVE;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an interval under pressure leads to. */
class GrowthTest {

  @ParameterizedTest(name = "{0}: {1} MB, delta {2}, threshold {3}, ceiling {4} MB: {5} MB")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          G1   |       1024 |          3 | 2 |       4096 |       4096 |       4096 | false
          G2a  |        512 |          4 | 2 |       4096 |       2560 |       2560 | false
          G2b  |        512 |          2 | 2 |       4096 |       1536 |       1536 | false
          G3   |       2048 |          1 | 1 |       4096 |       4096 |       4096 | false
          G4a  |       1024 |          2 | 2 |       4096 |       3072 |       3072 | false
          G5   |       2048 |          5 | 2 |       4096 |       4096 |      12288 | true
          G6   | 1073741823 |          2 | 2 | 2147483647 | 2147483647 | 2147483647 | false
          G8a  |       1024 | 2147483647 | 2 |       4096 |       4096 | 2147483647 | true
          G8b  |       1024 | 4294967295 | 2 |       4096 |       4096 | 2147483647 | true
          G12a |       1024 |          2 | 2 |       2000 |       2000 |       3072 | true
          G12b |       1024 |          2 | 2 |       2010 |       2000 |       3072 | true
          """)
  void growsInProportionToThePressure(
      String id,
      int sizeMb,
      long delta,
      int threshold,
      int ceilingMb,
      int toMb,
      int calculatedMb,
      boolean capped) {
    Scenario scenario =
        scenario().size(sizeMb).delta(delta).threshold(threshold).ceiling(ceilingMb).quiet(3);
    Change change =
        new Change(
            capped ? CAPPED : INCREASE,
            REACTIVE,
            sizeMb,
            toMb,
            calculatedMb,
            capped ? Limit.MAX : Limit.NONE,
            MULTIPLICATIVE,
            3);

    assertThat(scenario.decision())
        .isEqualTo(new Decision.Resize(scenario.evidence(), change, /* reportLimit= */ capped));
  }

  @ParameterizedTest(name = "{0}: {1} MB, delta {2}, ceiling {3} MB: at {4} MB already")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          G7  | 2147483647 | 1 | 2147483647 | 2147483647 | 2147483647 | NONE | false
          G9  |       4096 | 3 |       4096 |       4096 |      16384 | MAX  | true
          G10 |       8192 | 3 |       4096 |       4096 |      32768 | MAX  | true
          C1  |       1024 | 3 |         16 |         32 |       4096 | MAX  | true
          """)
  void neverLowersUnderPressure(
      String id,
      int sizeMb,
      long delta,
      int ceilingMb,
      int targetMb,
      int calculatedMb,
      Limit limit,
      boolean report) {
    Scenario scenario = scenario().size(sizeMb).delta(delta).threshold(1).ceiling(ceilingMb);

    assertThat(scenario.decision())
        .isEqualTo(
            new Decision.AlreadyThere(
                scenario.evidence(), sizeMb, targetMb, calculatedMb, limit, report));
  }

  @ParameterizedTest(name = "{0} MB, ceiling {1} MB, segments of {2} MB: {3} MB")
  @CsvSource({
    "401, 2010, 16, 1203, INCREASE", // as computed, not aligned
    "670, 2010, 16, 2010, INCREASE", // exactly the ceiling, although it is not a multiple
    "671, 2010, 16, 2000, CAPPED",
    "671, 2010, 64, 1984, CAPPED",
    "2, 4096, 16, 32, INCREASE", // fewer than two segments would not restart
    "2, 2, 1024, 2048, INCREASE"
  })
  void onlyLimitsMakeWholeSegments(
      int currentMb, int ceilingMb, int segmentMb, int toMb, Change.Kind kind) {
    Scenario scenario = scenario().size(currentMb).ceiling(ceilingMb).segment(segmentMb).delta(2);

    assertThat(change(scenario).toMb()).isEqualTo(toMb);
    assertThat(change(scenario).kind()).isEqualTo(kind);
  }

  @Test
  void c4TheDiskLimitsGrowth() {
    Scenario scenario = scenario().delta(5).ceiling(65536).disk(3000, 1000, 0);

    assertThat(scenario.decision())
        .isEqualTo(
            new Decision.Resize(
                scenario.evidence(),
                new Change(INCREASE, REACTIVE, 1024, 3200, 6144, Limit.DISK, MULTIPLICATIVE, 0),
                true));
  }

  @Test
  void c5TheRecoveryTargetLimitsGrowthToWholeSegments() {
    Scenario scenario = scenario().delta(5).ceiling(65536).caps(20, 30, 100);

    assertThat(scenario.decision())
        .isEqualTo(
            new Decision.Resize(
                scenario.evidence(),
                new Change(INCREASE, REACTIVE, 1024, 2992, 6144, Limit.RECOVERY, MULTIPLICATIVE, 0),
                true));
  }

  @Test
  void c6AFullDiskLeavesTheSizeAlone() {
    Scenario scenario = scenario().delta(5).disk(100, 900, 0);

    assertThat(scenario.decision())
        .isEqualTo(
            new Decision.AlreadyThere(scenario.evidence(), 1024, 800, 6144, Limit.DISK, true));
  }

  @ParameterizedTest(name = "ceiling {0}, disk {1}, recovery {2} s: {4} MB by {3}")
  @CsvSource({
    "4096, 20000, 0, MAX, 4096",
    "4096, 3000, 60, DISK, 2400",
    "4096, 20000, 20, RECOVERY, 2000",
    "2400, 3000, 24, MAX, 2400" // the first of equals
  })
  void theLowestCeilingCounts(int maxMb, long freeMb, int recoverySeconds, Limit limit, int toMb) {
    Scenario scenario =
        scenario().delta(5).ceiling(maxMb).disk(freeMb, 0, 0).caps(20, recoverySeconds, 100);

    assertThat(change(scenario).limitedBy()).isEqualTo(limit);
    assertThat(change(scenario).toMb()).isEqualTo(toMb);
    assertThat(change(scenario).kind()).isEqualTo(limit == Limit.MAX ? CAPPED : INCREASE);
  }

  @ParameterizedTest(name = "{0}: delta {1} after {2} quiet intervals grows and ends the quiet")
  @CsvSource("S10a, 2, 4")
  void pressureEndsTheQuiet(String id, long delta, int quietBefore) {
    Outcome outcome = scenario().delta(delta).quiet(quietBefore).outcome();

    assertThat(outcome.decision()).isInstanceOf(Decision.Resize.class);
    assertThat(outcome.state().quietIntervals()).isZero();
  }

  @Test
  void aGrowthThatIsBlockedEndsTheQuietAsWell() {
    Outcome outcome = scenario().delta(2).quiet(4).limit(300, 0).outcome();

    assertThat(outcome.decision()).isInstanceOf(Decision.Blocked.class);
    assertThat(outcome.state().quietIntervals()).isZero();
  }

  @Test
  void whatIsDecidedIsNotYetCountedAsMade() {
    assertThat(scenario().delta(3).outcome().state().applied()).isEqualTo(ChangeLedger.none());
  }

  private static Change change(Scenario scenario) {
    return assertThat(scenario.decision())
        .asInstanceOf(type(Decision.Resize.class))
        .actual()
        .change();
  }
}
