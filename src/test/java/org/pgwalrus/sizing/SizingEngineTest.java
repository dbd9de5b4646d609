package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.CountMode.REQUESTED;
import static org.pgwalrus.sizing.CountMode.WAL;
import static org.pgwalrus.sizing.Decision.Baseline.Cause.COUNT_MODE_CHANGED;
import static org.pgwalrus.sizing.Decision.Baseline.Cause.FIRST_SAMPLE;
import static org.pgwalrus.sizing.Decision.Baseline.Cause.WAL_WENT_BACK;
import static org.pgwalrus.sizing.Scenario.scenario;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizingEngineTest {

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
        scenario().size(sizeMb).delta(delta).threshold(threshold).ceiling(ceilingMb);

    assertThat(scenario.decision())
        .isEqualTo(
            new Decision.Grow(
                scenario.evidence(), sizeMb, toMb, calculatedMb, capped, /* reportCap= */ capped));
  }

  @ParameterizedTest(name = "{0}: {1} MB, delta {2}, ceiling {3} MB: at {4} MB already")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          G7  | 2147483647 | 1 | 2147483647 | 2147483647 | 2147483647 | false
          G9  |       4096 | 3 |       4096 |       4096 |      16384 | true
          G10 |       8192 | 3 |       4096 |       4096 |      32768 | true
          C1  |       1024 | 3 |         16 |         32 |       4096 | true
          """)
  void neverLowersUnderPressure(
      String id,
      int sizeMb,
      long delta,
      int ceilingMb,
      int targetMb,
      int calculatedMb,
      boolean reportCap) {
    Scenario scenario = scenario().size(sizeMb).delta(delta).threshold(1).ceiling(ceilingMb);

    assertThat(scenario.decision())
        .isEqualTo(
            new Decision.AlreadyThere(
                scenario.evidence(), sizeMb, targetMb, reportCap, calculatedMb));
  }

  @ParameterizedTest(name = "{0}: delta {1}, threshold {2}, quiet {3} before: quiet {4}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          G4b  |  1 |    2 | 0 | 1
          G11  | 10 | 1000 | 0 | 1
          S10b |  1 |    2 | 4 | 5
          """)
  void belowTheThresholdIsQuiet(
      String id, long delta, int threshold, int quietBefore, int quietAfter) {
    Scenario scenario =
        scenario().delta(delta).threshold(threshold).after(new State(null, quietBefore, 4096));

    assertThat(scenario.decision()).isEqualTo(new Decision.Quiet(scenario.evidence(), quietAfter));
    Interval closed = scenario.interval().extendedBy(scenario.end());
    assertThat(scenario.outcome().state())
        .isEqualTo(new State(closed.followedAt(scenario.end()), quietAfter, 0));
  }

  @ParameterizedTest(name = "{0}: delta {1} after {2} quiet intervals grows and ends the quiet")
  @CsvSource("S10a, 2, 4")
  void pressureEndsTheQuiet(String id, long delta, int quietBefore) {
    Outcome outcome = scenario().delta(delta).after(new State(null, quietBefore, 0)).outcome();

    assertThat(outcome.decision()).isInstanceOf(Decision.Grow.class);
    assertThat(outcome.state().quietIntervals()).isZero();
  }

  @ParameterizedTest(name = "{0}: without a baseline {1} is the baseline")
  @CsvSource({"D1, 57", "D5 (reset at 500), 500", "D6 (enabled after 40), 40"})
  void withoutABaselineTheNextSampleOnlyTakesOne(String id, long requested) {
    Scenario scenario = scenario().after(new State(null, 4, 0));
    Sample sample = scenario.sample(7200, requested, 9000, 8000);

    Outcome outcome = scenario.step(sample, scenario.started().withoutBaseline());

    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                new Decision.Baseline(requested, FIRST_SAMPLE),
                new State(Interval.startingAt(sample, REQUESTED), 0, 0)));
  }

  @ParameterizedTest(name = "{0}: base {1}, now {2}: delta {3}")
  @CsvSource({"D2a, 10, 14, 4", "D3, 0, 3, 3"})
  void theBaseIsWhatTheCounterWas(String id, long base, long now, long delta) {
    Decision decision = scenario().base(base).delta(now - base).decision();

    assertThat(decision).isInstanceOf(Decision.Grow.class);
    assertThat(((Decision.Grow) decision).evidence().delta()).isEqualTo(delta);
  }

  @ParameterizedTest(name = "{0}: counter {1} after {2} s is a new baseline, {3}")
  @CsvSource({
    "D2b, 3, 300, STATISTICS_RESET",
    "reset while waiting, 3, 10, STATISTICS_RESET",
    "D8c, 12, 1300, INTERVAL_TOO_LONG"
  })
  void whatCannotBeComparedIsANewBaseline(
      String id, long requested, double elapsed, Decision.Baseline.Cause cause) {
    Scenario scenario = scenario().base(10).after(new State(null, 4, 4096));
    Sample sample = scenario.sample(elapsed, requested, 0, 0);

    Outcome outcome = scenario.step(sample, scenario.started());

    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                new Decision.Baseline(requested, cause),
                new State(Interval.startingAt(sample, REQUESTED), 0, 4096)));
  }

  @ParameterizedTest(name = "{0}: counter {1} changes nothing")
  @CsvSource("D4, -1")
  void missingStatisticsChangeNothing(String id, long requested) {
    Scenario scenario = scenario().base(10).after(new State(null, 4, 4096));
    State before = scenario.started();

    Outcome outcome = scenario.step(scenario.sample(300, requested, 0, 0), before);

    assertThat(outcome.decision()).isEqualTo(new Decision.Unavailable());
    assertThat(outcome.state()).isSameAs(before);
  }

  @ParameterizedTest(name = "{0}: {1} requests with {2} MB of WAL leave a delta of 0")
  @CsvSource("D7a, 3, 5")
  void requestsWithoutWalAreQuiet(String id, long requests, long walMb) {
    Scenario scenario = scenario().countMode(WAL).delta(requests).wal(walMb);

    assertThat(scenario.decision()).isEqualTo(new Decision.Quiet(scenario.evidence(), 1));
  }

  @Test
  @DisplayName("D9: five extra samples within 10 s change nothing")
  void extraSamplesDecideNothing() {
    Scenario scenario = scenario().base(10).after(new State(null, 4, 0));
    State state = scenario.started();

    for (int extra = 1; extra <= 5; extra++) {
      Outcome outcome = scenario.step(scenario.sample(2.0 * extra, 10, 0, 0), state);
      assertThat(outcome.decision()).isEqualTo(new Decision.Waiting());
      state = outcome.state();
    }

    assertThat(state).isEqualTo(scenario.started());
  }

  @Test
  void decidesAtTheDeadlineAndNotBefore() {
    Scenario scenario = scenario();

    assertThat(scenario.elapsed(299.9).decision()).isInstanceOf(Decision.Waiting.class);
    assertThat(scenario.elapsed(300).decision()).isInstanceOf(Decision.Quiet.class);
  }

  @Test
  void aShorterTimeoutMakesARunningIntervalDue() {
    Scenario scenario = scenario();
    State running = scenario.started();

    assertThat(scenario.timeout(60).step(scenario.sample(200, 0, 0, 0), running).decision())
        .isInstanceOf(Decision.Quiet.class);
  }

  @Test
  void aLongerTimeoutMakesARunningIntervalWait() {
    Scenario scenario = scenario();
    State running = scenario.started();

    assertThat(scenario.timeout(900).step(scenario.sample(300, 9, 0, 0), running).decision())
        .isInstanceOf(Decision.Waiting.class);
  }

  @Test
  void aDecisionCountsFromItsOwnSample() {
    Scenario scenario = scenario().base(10).delta(5);
    State after = scenario.outcome().state();

    Outcome next = scenario.step(scenario.sample(600, 16, 0, 0), after);

    assertThat(next.decision()).isInstanceOf(Decision.Quiet.class);
    assertThat(((Decision.Quiet) next.decision()).evidence().rawDelta()).isEqualTo(1);
  }

  @Test
  void anotherCountModeIsANewBaselineAtOnce() {
    Scenario scenario = scenario();
    State running = scenario.started();

    assertThat(scenario.countMode(WAL).step(scenario.sample(10, 5, 0, 0), running).decision())
        .isEqualTo(new Decision.Baseline(5, COUNT_MODE_CHANGED));
  }

  @Test
  void walThatGoesBackIsANewBaselineAtOnce() {
    Scenario scenario = scenario();

    assertThat(scenario.step(scenario.sample(10, 5, -1, -1), scenario.started()).decision())
        .isEqualTo(new Decision.Baseline(5, WAL_WENT_BACK));
  }

  @Test
  void anEpisodeAtTheCeilingIsReportedOnce() {
    assertThat(reports(3, 3, 3)).containsExactly(true, false, false);
  }

  @Test
  void aQuietIntervalEndsTheEpisode() {
    assertThat(reports(3, 0, 3)).containsExactly(true, false, true);
  }

  @Test
  void aSizeWithinTheCeilingEndsTheEpisode() {
    Scenario scenario = scenario().delta(3).after(new State(null, 0, 4096));

    assertThat(scenario.outcome().state().reportedCeilingMb()).isZero();
  }

  @Test
  void anotherCeilingIsReportedAnew() {
    Scenario scenario = scenario().size(8192).delta(3);
    Decision first = scenario.decision();
    State reported = scenario.outcome().state();
    Sample next = scenario.sample(600, 6, 0, 0);

    Decision same = scenario.step(next, reported).decision();
    Outcome other = scenario.ceiling(6144).step(next, reported);

    assertThat(((Decision.AlreadyThere) first).reportCap()).isTrue();
    assertThat(((Decision.AlreadyThere) same).reportCap()).isFalse();
    assertThat(((Decision.AlreadyThere) other.decision()).reportCap()).isTrue();
    assertThat(other.state().reportedCeilingMb()).isEqualTo(6144);
  }

  @Test
  void aCeilingBelowTwoSegmentsIsReportedAsTwoSegments() {
    assertThat(scenario().ceiling(16).delta(3).outcome().state().reportedCeilingMb()).isEqualTo(32);
  }

  @Test
  void tenManualCheckpointsAmidLittleWalAreLeftOut() {
    Scenario scenario = scenario().countMode(WAL);
    State state = scenario.step(scenario.start(), State.initial()).state();
    List<Decision> decisions = new ArrayList<>();
    // One checkpoint every 30 s and 4 MB of WAL per second; each is counted 10 s after its start.
    // Two of the checkpoints would be within what that much WAL can force.
    for (int now = 10; now <= 600; now += 10) {
      Sample sample = scenario.sample(now, (now - 10) / 30, now * 4L, now / 30 * 120L);
      Outcome outcome = scenario.step(sample, state);
      state = outcome.state();
      if (!(outcome.decision() instanceof Decision.Waiting)) {
        decisions.add(outcome.decision());
      }
    }

    assertThat(decisions)
        .containsExactly(
            new Decision.Quiet(new Evidence(9, 9, 0, 300, 1200, 528), 1),
            new Decision.Quiet(new Evidence(10, 10, 0, 300, 1200, 528), 2));
  }

  @Test
  void aGrowthThatTheCeilingCutsIsReportedAndTheNextRefusalIsNot() {
    Scenario scenario = scenario().size(2048).delta(5);
    Outcome grown = scenario.outcome();

    Outcome refused = scenario.size(4096).step(scenario.sample(600, 10, 0, 0), grown.state());

    assertThat(((Decision.Grow) grown.decision()).reportCap()).isTrue();
    assertThat(((Decision.AlreadyThere) refused.decision()).reportCap()).isFalse();
  }

  /** Whether each of these deltas in turn, at the ceiling, is reported. */
  private static List<Boolean> reports(long... deltas) {
    Scenario scenario = scenario().size(4096);
    State state = scenario.started();
    List<Boolean> reports = new ArrayList<>();
    long requested = 0;
    for (int i = 0; i < deltas.length; i++) {
      requested += deltas[i];
      Outcome outcome = scenario.step(scenario.sample(300.0 * (i + 1), requested, 0, 0), state);
      state = outcome.state();
      reports.add(outcome.decision() instanceof Decision.AlreadyThere at && at.reportCap());
    }
    return reports;
  }
}
