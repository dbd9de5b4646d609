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

/** What the engine compares with, and what it does not. */
class BaselineTest {

  @ParameterizedTest(name = "{0}: without a baseline {1} is the baseline")
  @CsvSource({"D1, 57", "D5 (reset at 500), 500", "D6 (enabled after 40), 40"})
  void withoutABaselineTheNextSampleOnlyTakesOne(String id, long requested) {
    Scenario scenario = scenario().quiet(4).reported(Limit.MAX, 4096).rates(10).changedAt(5);
    Sample sample = scenario.sample(7200, requested, 9000, 8000);
    State before = scenario.started();

    Outcome outcome = scenario.step(sample, before.withoutBaseline());

    assertThat(outcome.decision()).isEqualTo(new Decision.Baseline(requested, FIRST_SAMPLE));
    assertThat(outcome.state()).isEqualTo(rebased(before, sample));
  }

  @ParameterizedTest(name = "{0}: base {1}, now {2}: delta {3}")
  @CsvSource({"D2a, 10, 14, 4", "D3, 0, 3, 3"})
  void theBaseIsWhatTheCounterWas(String id, long base, long now, long delta) {
    Decision decision = scenario().base(base).delta(now - base).decision();

    assertThat(decision).isInstanceOf(Decision.Resize.class);
    assertThat(((Decision.Resize) decision).evidence().delta()).isEqualTo(delta);
  }

  @ParameterizedTest(name = "{0}: counter {1} after {2} s is a new baseline, {3}")
  @CsvSource({
    "D2b, 3, 300, STATISTICS_RESET",
    "reset while waiting, 3, 10, STATISTICS_RESET",
    "D8c, 12, 1300, INTERVAL_TOO_LONG"
  })
  void whatCannotBeComparedIsANewBaseline(
      String id, long requested, double elapsed, Decision.Baseline.Cause cause) {
    Scenario scenario = scenario().base(10).quiet(4).reported(Limit.MAX, 4096).rates(10);
    Sample sample = scenario.sample(elapsed, requested, 0, 0);
    State before = scenario.started();

    Outcome outcome = scenario.step(sample, before);

    assertThat(outcome.decision()).isEqualTo(new Decision.Baseline(requested, cause));
    assertThat(outcome.state()).isEqualTo(rebased(before, sample));
  }

  @ParameterizedTest(name = "{0}: counter {1} changes nothing")
  @CsvSource("D4, -1")
  void missingStatisticsChangeNothing(String id, long requested) {
    Scenario scenario = scenario().base(10).quiet(4);
    State before = scenario.started();

    Outcome outcome = scenario.step(scenario.sample(300, requested, 0, 0), before);

    assertThat(outcome.decision()).isEqualTo(new Decision.Unavailable());
    assertThat(outcome.state()).isSameAs(before);
  }

  @ParameterizedTest(name = "{0}: {1} requests with {2} MB of WAL leave a delta of 0")
  @CsvSource("D7a, 3, 5")
  void requestsWithoutWalAreQuiet(String id, long requests, long walMb) {
    Outcome outcome = scenario().countMode(WAL).delta(requests).wal(walMb).outcome();

    assertThat(outcome.decision()).isInstanceOf(Decision.Quiet.class);
    assertThat(outcome.state().quietIntervals()).isEqualTo(1);
  }

  @Test
  @DisplayName("D9: five extra samples within 10 s change nothing")
  void extraSamplesDecideNothing() {
    Scenario scenario = scenario().base(10).quiet(4);
    State state = scenario.started();

    for (int extra = 1; extra <= 5; extra++) {
      Outcome outcome = scenario.step(scenario.sample(2.0 * extra, 10, 0, 0), state);
      assertThat(outcome.decision()).isEqualTo(new Decision.Waiting());
      state = outcome.state();
    }

    assertThat(state.quietIntervals()).isEqualTo(4);
    assertThat(state).extracting(State::interval).extracting(Interval::startSeconds).isEqualTo(0.0);
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
  void aDecisionCountsFromItsOwnSample() {
    Scenario scenario = scenario().base(10).delta(5);
    State after = scenario.outcome().state();

    Outcome next = scenario.step(scenario.sample(600, 16, 0, 0), after);

    assertThat(next.decision()).isInstanceOf(Decision.Quiet.class);
    assertThat(((Decision.Quiet) next.decision()).evidence().rawDelta()).isEqualTo(1);
  }

  @Test
  void tenManualCheckpointsAmidLittleWalAreLeftOut() {
    Scenario scenario = scenario().countMode(WAL);
    State state = scenario.step(scenario.start(), State.initial()).state();
    List<Evidence> decided = new ArrayList<>();
    // One checkpoint every 30 s and 4 MB of WAL per second; each is counted 10 s after its start.
    // Two of the checkpoints would be within what that much WAL can force.
    for (int now = 10; now <= 600; now += 10) {
      Sample sample = scenario.sample(now, (now - 10) / 30, now * 4L, now / 30 * 120L);
      Outcome outcome = scenario.step(sample, state);
      state = outcome.state();
      if (outcome.decision() instanceof Decision.Quiet quiet) {
        decided.add(quiet.evidence());
      }
    }

    assertThat(decided)
        .containsExactly(
            new Evidence(9, 9, 0, 300, 1200, 528), new Evidence(10, 10, 0, 300, 1200, 528));
    assertThat(state.quietIntervals()).isEqualTo(2);
  }

  /** With a fresh interval and no quiet, and all else as it was. */
  private static State rebased(State before, Sample sample) {
    return new State(
        Interval.startingAt(sample, REQUESTED),
        0,
        before.reported(),
        before.pause(),
        before.rates(),
        before.applied(),
        before.trials());
  }
}
