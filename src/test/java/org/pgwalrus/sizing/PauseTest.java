package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A storm that nothing can be done about is decided once per timeout, not with each sample. */
class PauseTest {
  private static final int TIMEOUT = 30;
  private static final int STORM_SECONDS = 3000;

  /** One for each timeout, the first one early, and the baseline. */
  private static final int MOST_DECISIONS = STORM_SECONDS / TIMEOUT + 2;

  @ParameterizedTest(name = "proactive: {0}")
  @ValueSource(booleans = {false, true})
  void atTheCeiling(boolean proactive) {
    assertCalm(storm(proactive).ceiling(64), Decision.AlreadyThere.class);
  }

  @ParameterizedTest(name = "proactive: {0}")
  @ValueSource(booleans = {false, true})
  void whileChangesAreOff(boolean proactive) {
    assertCalm(storm(proactive).limit(300, 0), Decision.Blocked.class);
  }

  @ParameterizedTest(name = "proactive: {0}")
  @ValueSource(booleans = {false, true})
  void inADryRun(boolean proactive) {
    assertCalm(storm(proactive).limit(0, 1000).trial(), Decision.Trial.class);
  }

  @ParameterizedTest(name = "proactive: {0}")
  @ValueSource(booleans = {false, true})
  void whereChangesFail(boolean proactive) {
    SimulatedWorker worker = worker(storm(proactive).limit(0, 1000)).failing();

    worker.run(STORM_SECONDS);

    assertThat(decisions(worker, Decision.Resize.class)).hasSizeBetween(90, MOST_DECISIONS);
    assertThat(worker.decisions()).hasSizeLessThanOrEqualTo(MOST_DECISIONS);
  }

  @Test
  void untilTheCooldownIsOver() {
    // T is 1800 s: waiting for the next deadline would let the storm rage for half an hour.
    Scenario scenario = scenario().timeout(1800).ceiling(65536).changedAt(0);
    State state = scenario.step(scenario.sample(10, 1, 500, 0), scenario.started()).state();
    Outcome blocked = scenario.step(scenario.sample(20, 2, 1000, 0), state);

    State waiting = scenario.step(scenario.sample(30, 3, 1500, 0), blocked.state()).state();
    Outcome tooSoon = scenario.step(scenario.sample(290, 30, 13000, 0), waiting);
    Outcome allowed = scenario.step(scenario.sample(300, 31, 13500, 0), tooSoon.state());

    assertThat(blocked.decision()).isInstanceOf(Decision.Blocked.class);
    assertThat(tooSoon.decision()).isInstanceOf(Decision.Waiting.class);
    assertThat(((Decision.Resize) allowed.decision()).change().trigger()).isEqualTo(Trigger.EARLY);
  }

  @Test
  void endsWhenTheSizeOrTheCeilingAllowsMore() {
    Scenario scenario = scenario().size(4096).limit(0, 1000);
    State state = scenario.step(scenario.sample(10, 1, 500, 0), scenario.started()).state();
    Outcome full = scenario.step(scenario.sample(20, 2, 1000, 0), state);
    State after = scenario.step(scenario.sample(30, 3, 1500, 0), full.state()).state();
    Sample again = scenario.sample(40, 4, 2000, 0);

    assertThat(full.decision()).isInstanceOf(Decision.AlreadyThere.class);
    assertThat(scenario.step(again, after).decision()).isInstanceOf(Decision.Waiting.class);
    assertThat(scenario.ceiling(2048).step(again, after).decision())
        .isInstanceOf(Decision.Waiting.class);
    assertThat(scenario.ceiling(8192).step(again, after).decision())
        .isInstanceOf(Decision.Resize.class);
    assertThat(
            scenario
                .ceiling(4096)
                .size(2048)
                .step(scenario.sample(40, 4, 2000, 0), after)
                .decision())
        .isInstanceOf(Decision.Resize.class);
  }

  @Test
  void aChangeMadeByHandIsNotAddedToBeforeItIsInEffect() {
    Scenario scenario = scenario().limit(0, 1000);
    Change change =
        new Change(
            Change.Kind.INCREASE,
            Trigger.MANUAL,
            1024,
            2048,
            2048,
            Limit.NONE,
            Algorithm.MULTIPLICATIVE,
            0);
    State state = scenario.started().appliedManually(change, scenario.sample(10, 5, 500, 0));

    state = scenario.step(scenario.sample(20, 6, 1000, 0), state).state();
    Decision old = scenario.step(scenario.sample(30, 7, 1500, 0), state).decision();
    Decision inEffect = scenario.size(2048).step(scenario.sample(30, 7, 1500, 0), state).decision();

    assertThat(old).isInstanceOf(Decision.Waiting.class);
    assertThat(inEffect).isInstanceOf(Decision.Resize.class);
  }

  private static void assertCalm(Scenario scenario, Class<? extends Decision> expected) {
    SimulatedWorker worker = worker(scenario);

    worker.run(STORM_SECONDS);

    assertThat(decisions(worker, expected)).hasSizeGreaterThan(80);
    assertThat(worker.decisions()).hasSizeLessThanOrEqualTo(MOST_DECISIONS);
    assertThat(worker.changes()).isEmpty();
  }

  private static List<SimulatedWorker.Decided> decisions(
      SimulatedWorker worker, Class<? extends Decision> wanted) {
    return worker.decisions().stream().filter(d -> wanted.isInstance(d.decision())).toList();
  }

  private static Scenario storm(boolean proactive) {
    Scenario scenario = scenario().countMode(CountMode.WAL);
    return proactive ? scenario.proactive() : scenario;
  }

  private static SimulatedWorker worker(Scenario scenario) {
    SimulatedServer server = new SimulatedServer(Seeds.fixed(), 64, 16, TIMEOUT).load(second -> 18);
    return new SimulatedWorker(server, scenario.policy(), 1);
  }
}
