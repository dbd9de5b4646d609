package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;
import static org.pgwalrus.sizing.Stay.Reason.AT_FLOOR;
import static org.pgwalrus.sizing.Stay.Reason.COUNTING;
import static org.pgwalrus.sizing.Stay.Reason.NO_GAIN;
import static org.pgwalrus.sizing.Stay.Reason.SHRINK_DISABLED;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What quiet intervals lead to. */
class ShrinkTest {

  @ParameterizedTest(name = "{0}: {1} MB * {2}, floor {4} MB, {3} quiet intervals: {5} MB")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          S1a |       4096 | 0.75 | 5 | 1024 |       3072
          S2  |       2048 | 0.75 | 3 | 1024 |       1536
          S3a |       1001 | 0.75 | 5 |  100 |        751
          S3b |       1003 | 0.75 | 5 |  100 |        753
          S5a |       2560 | 0.75 | 5 | 2048 |       2048
          S5b |       1229 | 0.75 | 5 | 1024 |       1024
          S7a |       4096 |  0.5 | 5 | 1024 |       2048
          S7b |       4096 |  0.9 | 5 | 1024 |       3687
          S7c |       4096 |  0.1 | 5 | 1024 |       1024
          S8  | 2147483647 | 0.99 | 5 | 1024 | 2126008811
          C2  |         40 |  0.5 | 5 |    2 |         32
          """)
  void givesBackAfterEnoughQuiet(
      String id, int sizeMb, double factor, int intervals, int minSizeMb, int toMb) {
    Scenario scenario =
        scenario().size(sizeMb).shrink(factor, intervals, minSizeMb).quiet(intervals - 1);

    assertThat(scenario.decision())
        .isEqualTo(
            new Decision.Resize(
                scenario.evidence(),
                new Change(
                    Change.Kind.DECREASE,
                    Trigger.REACTIVE,
                    sizeMb,
                    toMb,
                    toMb,
                    Limit.NONE,
                    Algorithm.MULTIPLICATIVE,
                    intervals),
                false));
  }

  @ParameterizedTest(name = "{0}: {1} MB * {2} is {3} MB")
  @CsvSource({
    "S4, 101, 0.01, 2",
    "S9, 100, 0.07, 7",
    "S8, 2147483647, 0.99, 2126008811",
    "least, 2, 0.01, 1"
  })
  void multipliesInDecimalAndRoundsUp(String id, int sizeMb, double factor, int scaledMb) {
    assertThat(ShrinkSize.scaled(sizeMb, factor)).isEqualTo(scaledMb);
  }

  @Test
  void s1bCountsUntilThereIsEnoughQuiet() {
    Scenario scenario = scenario().size(4096).quiet(3);

    assertThat(scenario.decision())
        .isEqualTo(
            new Decision.Quiet(scenario.evidence(), 4, new Stay(COUNTING, 4096, 1024, 3072)));
  }

  @ParameterizedTest(name = "{0}: {1} MB stays at the floor of {2} MB")
  @CsvSource({"S6a, 1024, 1024, 4096", "S6b, 900, 1024, 4096", "C3, 4096, 8192, 4096"})
  void staysAtTheFloor(String id, int sizeMb, int minSizeMb, int ceilingMb) {
    Scenario scenario = scenario().size(sizeMb).minSize(minSizeMb).ceiling(ceilingMb).quiet(9);

    assertThat(stay(scenario).reason()).isEqualTo(AT_FLOOR);
    assertThat(stay(scenario).floorMb()).isEqualTo(Math.min(minSizeMb, ceilingMb));
  }

  @Test
  void staysWhereRoundingUpLeavesNothingToGain() {
    Stay rounded = stay(scenario().size(33).factor(0.99).minSize(2).quiet(9));
    Stay aligned = stay(scenario().size(1004).minSize(1000).quiet(9));

    assertThat(rounded).isEqualTo(new Stay(NO_GAIN, 33, 32, 33));
    assertThat(aligned).isEqualTo(new Stay(NO_GAIN, 1004, 1000, 1008));
  }

  @Test
  void aFloorThatIsReachedIsAWholeNumberOfSegments() {
    Decision decision = scenario().size(1200).minSize(1000).quiet(9).decision();

    assertThat(((Decision.Resize) decision).change().toMb()).isEqualTo(1008);
  }

  @Test
  void s11CountsButStaysWhileSwitchedOff() {
    Scenario scenario = scenario().size(4096).withoutShrink().quiet(9);

    assertThat(stay(scenario).reason()).isEqualTo(SHRINK_DISABLED);
    assertThat(scenario.outcome().state().quietIntervals()).isEqualTo(10);
  }

  @Test
  void s10bOneForcedCheckpointIsStillQuiet() {
    Scenario scenario = scenario().size(4096).delta(1).quiet(4);

    assertThat(((Decision.Resize) scenario.decision()).change().toMb()).isEqualTo(3072);
  }

  @Test
  void s12ABlockedShrinkIsTriedAgain() {
    Scenario scenario = scenario().size(4096).quiet(4).changedAt(1);
    Outcome blocked = scenario.outcome();

    Outcome next = scenario.step(scenario.sample(600, 0, 0, 0), blocked.state());

    assertThat(((Decision.Blocked) blocked.decision()).block())
        .isEqualTo(new Block(Block.Cause.COOLDOWN, 1, 1, 1));
    assertThat(blocked.state().quietIntervals()).isEqualTo(5);
    assertThat(((Decision.Resize) next.decision()).change().quietIntervals()).isEqualTo(6);
  }

  @Test
  void theQuietIsUsedUpWhenTheShrinkHasBeenMade() {
    Outcome outcome = scenario().size(4096).quiet(4).outcome();
    Change change = ((Decision.Resize) outcome.decision()).change();

    assertThat(outcome.state().quietIntervals()).isEqualTo(5); // it may fail
    assertThat(outcome.state().applied(change, 300).quietIntervals()).isZero();
  }

  @Test
  void aDryRunUsesUpTheQuietAtOnce() {
    Outcome outcome = scenario().size(4096).quiet(4).trial().outcome();

    assertThat(outcome.decision()).isInstanceOf(Decision.Trial.class);
    assertThat(outcome.state().quietIntervals()).isZero();
    assertThat(outcome.state().trials()).isEqualTo(ChangeLedger.none().with(300));
  }

  // The sizes that follow each other in quiet, at a steady rate.
  @ParameterizedTest(name = "{0}: {1} MB at {2} MB/s: {3}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          S13 |  6144 | 10 | []
          S14 | 16384 | 10 | [12288, 9216, 6912]
          S15 |  3072 |  3 | [2304, 2128]
          """)
  void keepsWhatTheMeasuredRateNeeds(String id, int sizeMb, int rate, String sizes) {
    List<Integer> seen = new ArrayList<>();
    Scenario scenario = scenario().ceiling(65536).steadyRate(rate).quiet(4);
    int currentMb = sizeMb;
    while (scenario.size(currentMb).decision() instanceof Decision.Resize resize) {
      currentMb = resize.change().toMb();
      seen.add(currentMb);
    }

    assertThat(seen).hasToString(sizes);
    assertThat(stay(scenario).reason()).isEqualTo(AT_FLOOR);
  }

  @Test
  void twoRatesSayNothingYet() {
    Scenario scenario = scenario().size(6144).rates(10).wal(3000).quiet(4);

    assertThat(((Decision.Resize) scenario.decision()).change().toMb()).isEqualTo(4608);
  }

  @Test
  void theHeadroomSetReplacesTheUsualOne() {
    Scenario scenario = scenario().size(16384).ratePolicy(0.2, 95, 2.0).steadyRate(10);

    assertThat(stay(scenario).floorMb()).isEqualTo(11472);
  }

  private static Stay stay(Scenario scenario) {
    return ((Decision.Quiet) scenario.decision()).stay();
  }
}
