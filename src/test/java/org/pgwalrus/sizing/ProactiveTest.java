package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Change.Kind.CAPPED;
import static org.pgwalrus.sizing.Change.Kind.INCREASE;
import static org.pgwalrus.sizing.Scenario.scenario;
import static org.pgwalrus.sizing.Trigger.PROACTIVE;

import org.junit.jupiter.api.Test;

/** Growth from known rates when an interval has shown no pressure. */
class ProactiveTest {

  @Test
  void a8GrowsToWhatTheRatesNeed() {
    Scenario scenario = known(4096).delta(1).quiet(3);

    assertThat(scenario.decision())
        .isEqualTo(
            new Decision.Resize(
                scenario.evidence(),
                new Change(
                    INCREASE, PROACTIVE, 4096, 7472, 7472, Limit.NONE, Algorithm.MULTIPLICATIVE, 3),
                false));
    assertThat(scenario.outcome().state().quietIntervals()).isZero();
  }

  @Test
  void a8ATenthMoreIsNoReason() {
    assertThat(known(7000).decision()).isInstanceOf(Decision.Quiet.class);
    assertThat(known(6792).decision()).isInstanceOf(Decision.Resize.class); // 7472 is 10.01 % more
  }

  @Test
  void limitsHoldAsForAnyGrowth() {
    Decision.Resize resize = (Decision.Resize) known(4096).ceiling(6000).decision();

    assertThat(resize.change().kind()).isEqualTo(CAPPED);
    assertThat(resize.change().toMb()).isEqualTo(6000);
    assertThat(known(4096).ceiling(4096).decision()).isInstanceOf(Decision.AlreadyThere.class);
    assertThat(known(4096).limit(0, 0).decision()).isInstanceOf(Decision.Blocked.class);
  }

  @Test
  void needsTheSettingAndThreeRates() {
    assertThat(scenario().size(4096).ceiling(65536).steadyRate(10).decision())
        .isInstanceOf(Decision.Quiet.class);
    assertThat(scenario().proactive().size(4096).rates(10).wal(3000).decision())
        .isInstanceOf(Decision.Quiet.class);
  }

  /** Known rates would size a storm that begins just before the deadline by its first bytes. */
  @Test
  void aRateThatOnlyTheLastStepShowsIsLeftToTheNext() {
    Scenario scenario = scenario().proactive().size(64).timeout(30).rates(0, 0, 0);
    State calm = scenario.step(scenario.sample(29, 0, 0, 0), scenario.started()).state();

    Outcome deadline = scenario.step(scenario.sample(30, 0, 18, 0), calm);
    Outcome next = scenario.step(scenario.sample(31, 0, 36, 0), deadline.state());

    assertThat(deadline.decision()).isInstanceOf(Decision.Quiet.class);
    assertThat(((Decision.Resize) next.decision()).change().toMb())
        .isEqualTo(SizeNeed.mb(18, 1.3, 30, 0.9, 16));
  }

  @Test
  void pressureComesFirst() {
    Decision.Resize resize = (Decision.Resize) known(4096).delta(2).decision();

    assertThat(resize.change().trigger()).isEqualTo(Trigger.REACTIVE);
    assertThat(resize.change().toMb()).isEqualTo(3 * 4096);
  }

  @Test
  void theHeadroomSetReplacesTheUsualOne() {
    Decision.Resize resize =
        (Decision.Resize) known(4096).ratePolicy(0.2, 95, 1.0).steadyRate(10).decision();

    assertThat(resize.change().toMb()).isEqualTo(5776);
  }

  private static Scenario known(int sizeMb) {
    return scenario().proactive().size(sizeMb).ceiling(65536).steadyRate(10);
  }
}
