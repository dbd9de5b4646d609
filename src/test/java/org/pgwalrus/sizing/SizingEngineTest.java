package org.pgwalrus.sizing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the engine decides, and what it remembers. */
class SizingEngineTest {

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

  @ParameterizedTest(name = "{0}: delta {1}, threshold {2}, quiet {3} before: quiet {4}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          G4b                |  1 |    2 |       0 |       1
          G11                | 10 | 1000 |       0 |       1
          saturated          |  0 |    2 | 1000000 | 1000000
          one below          |  0 |    2 |  999999 | 1000000
          """)
  void belowTheThresholdIsQuiet(
      String id, long delta, int threshold, int quietBefore, int quietAfter) {
    Scenario scenario =
        scenario()
            .delta(delta)
            .threshold(threshold)
            .quiet(quietBefore)
            .withoutShrink()
            .reported(Limit.MAX, 4096);

    Outcome outcome = scenario.outcome();

    Interval closed = scenario.interval().extendedBy(scenario.end());
    assertThat(((Decision.Quiet) outcome.decision()).quietIntervals()).isEqualTo(quietAfter);
    assertThat(outcome.state())
        .isEqualTo(
            new State(
                closed.followedAt(scenario.end()),
                quietAfter,
                Ceiling.NONE,
                null,
                WalRates.none().with(0, 0.2),
                ChangeLedger.none(),
                ChangeLedger.none()));
  }

  @Test
  void aChangeMadeByHandStartsTheCountAnew() {
    Scenario scenario = scenario().delta(3).quiet(4).changedAt(10);
    Change change = requireNonNull(scenario.recommendation().change());

    State state = scenario.started().appliedManually(change, scenario.end());
    Outcome next = scenario.step(scenario.sample(600, 3, 0, 0), state);

    assertThat(state.quietIntervals()).isZero();
    assertThat(state.applied()).isEqualTo(ChangeLedger.none().with(10).touched(300));
    assertThat(next.decision()).isInstanceOf(Decision.Quiet.class);
    assertThat(next.decision().evidence()).extracting(Evidence::rawDelta).isEqualTo(0L);
  }

  @Test
  void aChangeMadeByHandNeedsNoBaseline() {
    Scenario scenario = scenario().delta(3);
    Change change = requireNonNull(scenario.recommendation().change());
    Sample reset = scenario.base(0).delta(0).end();

    assertThat(State.initial().appliedManually(change, scenario.end()).interval()).isNull();
    assertThat(
            scenario
                .base(10)
                .started()
                .appliedManually(change, scenario.sample(300, -1, 0, 0))
                .interval())
        .isNull();
    assertThat(scenario.base(10).started().appliedManually(change, reset).interval())
        .isEqualTo(Interval.startingAt(reset, CountMode.REQUESTED));
  }

  @Test
  void aRestartedWorkerKnowsRatesAndChangesOnly() {
    WalRates rates = WalRates.none().with(10, 0.2);
    ChangeLedger applied = ChangeLedger.none().with(5);
    ChangeLedger trials = ChangeLedger.none().with(7);

    assertThat(State.restored(rates, applied, trials))
        .isEqualTo(new State(null, 0, Ceiling.NONE, null, rates, applied, trials));
    assertThat(State.initial())
        .isEqualTo(State.restored(WalRates.none(), ChangeLedger.none(), ChangeLedger.none()));
  }
}
