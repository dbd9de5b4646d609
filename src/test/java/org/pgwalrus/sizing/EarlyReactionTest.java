package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A storm that begins at any phase of the interval, on a server far too small for it: 18 MB/s at 64
 * MB and a timeout of 30 s, where WAL forces a checkpoint every 1.8 s.
 */
class EarlyReactionTest {
  private static final double RATE = 18;
  private static final int TIMEOUT = 30;
  private static final double CALM_SECONDS = 100;

  /** WAL of one interval times {@code 1 + checkpoint_completion_target}. */
  private static final double NEED_MB = RATE * TIMEOUT * 1.9;

  @ParameterizedTest
  @EnumSource
  void aStormIsOverAfterFourCheckpoints(CountMode mode) {
    Policy policy = scenario().countMode(mode).policy();

    Seeds.forEach(random -> {
      for (double phase = 0; phase < TIMEOUT; phase += 0.1) {
        SimulatedServer server = stormFrom(CALM_SECONDS + phase, random);
        SimulatedWorker worker = new SimulatedWorker(server, policy, 1);
        worker.run(CALM_SECONDS + phase + 20 * TIMEOUT);

        assertThat(server.forcedBegun()).as("forced, phase %s", phase).isBetween(2L, 4L);
        assertThat((double) server.maxWalSizeMb()).isBetween(NEED_MB, 1.5 * NEED_MB);
        assertThat(worker.changes()).hasSize(1);
      }
    });
  }

  @Test
  void withAKnownRateAStormIsOverAfterTwo() {
    Policy policy = scenario().countMode(CountMode.WAL).proactive().policy();

    Seeds.forEach(random -> {
      for (double phase = 0; phase < TIMEOUT; phase += 0.1) {
        SimulatedServer server = stormFrom(CALM_SECONDS + phase, random);
        SimulatedWorker worker = new SimulatedWorker(server, policy, 1);
        worker.run(CALM_SECONDS + phase + 20 * TIMEOUT);

        assertThat(server.forcedBegun()).as("forced, phase %s", phase).isBetween(0L, 2L);
        assertThat((double) server.maxWalSizeMb()).isBetween(NEED_MB, 1.5 * NEED_MB);
        assertThat(worker.changes().getFirst().trigger()).isEqualTo(Trigger.PROACTIVE);
      }
    });
  }

  @Test
  void withoutEarlyReactionAStormLastsUntilTheDeadline() {
    Policy policy = scenario().countMode(CountMode.WAL).withoutEarlyReaction().policy();
    SimulatedServer server = stormFrom(CALM_SECONDS, Seeds.fixed());

    new SimulatedWorker(server, policy, 1).run(CALM_SECONDS + 20 * TIMEOUT);

    assertThat(server.forcedBegun()).isGreaterThan(10);
  }

  /** From the moment the threshold is passed; the storm may fill any part of the first sample. */
  @Test
  void decidesWithinTwoSamples() {
    Policy policy = scenario().countMode(CountMode.WAL).ceiling(262144).policy();

    Seeds.forEach(random -> {
      for (double phase = 0; phase < 10; phase += 0.1) {
        SimulatedServer server =
            new SimulatedServer(random, 1024, 16, 300).load(step(CALM_SECONDS + phase, 200));
        SimulatedWorker worker = new SimulatedWorker(server, policy, 10);
        worker.run(CALM_SECONDS + phase);
        while (server.forced() < policy.threshold()) {
          worker.run(10);
        }
        worker.run(10.1);

        assertThat(worker.changes()).as("phase %s", phase).hasSize(1);
        assertThat(worker.changes().getFirst().toMb())
            .isBetween(SizeNeed.mb(190, 1.1, 300, 0.9, 16), SizeNeed.mb(210, 1.1, 300, 0.9, 16));
      }
    });
  }

  @Test
  void waitsOneSampleToMeasureAStormThatTheLastOneBrought() {
    Scenario scenario = scenario().size(64).timeout(TIMEOUT).ceiling(65536);
    State calm = step(scenario, scenario.sample(10, 0, 0, 0), scenario.started());

    Outcome half = scenario.step(scenario.sample(11, 2, 9, 0), calm);
    Outcome full = scenario.step(scenario.sample(12, 3, 27, 0), half.state());

    assertThat(half.decision()).isInstanceOf(Decision.Waiting.class);
    Change change = ((Decision.Resize) full.decision()).change();
    assertThat(change.trigger()).isEqualTo(Trigger.EARLY);
    assertThat(change.toMb()).isEqualTo(SizeNeed.mb(18, 1.1, 30, 0.9, 16));
  }

  @Test
  void anExtraSampleRightAfterMeasuresNothing() {
    Scenario scenario = scenario().size(64).timeout(TIMEOUT);
    State storm = step(scenario, scenario.sample(10, 2, 100, 0), scenario.started());

    assertThat(scenario.step(scenario.sample(10.4, 3, 140, 0), storm).decision())
        .isInstanceOf(Decision.Waiting.class);
    assertThat(scenario.step(scenario.sample(10.5, 3, 140, 0), storm).decision())
        .isInstanceOf(Decision.Resize.class);
  }

  @ParameterizedTest(name = "{0}: {4} MB")
  @CsvSource({
    // At 20 s the first forced checkpoint, at 40 s the second; T is 300 s.
    "steady, 200, 300, 400, 6336", // 10 MB/s since 20 s
    "a spike before it, 900, 1000, 1100, 6336",
    "a stall of the disk, 200, 400, 400, 6336",
    "a single spike, 200, 300, 700, 15744", // 25 MB/s
    "a burst that is over, 900, 900, 900, 3072", // by the algorithm
    "calm and then a storm, 200, 300, 400, 6336"
  })
  void evensOutWhatDoesNotLast(String what, long at20, long at30, long at40, int sizeMb) {
    Scenario scenario = scenario().ceiling(65536);
    State state = step(scenario, scenario.sample(10, 0, 100, 0), scenario.started());
    state = step(scenario, scenario.sample(20, 1, at20, 0), state);
    state = step(scenario, scenario.sample(30, 1, at30, 0), state);

    Decision decision = scenario.step(scenario.sample(40, 2, at40, 0), state).decision();

    assertThat(((Decision.Resize) decision).change().toMb()).isEqualTo(sizeMb);
  }

  @Test
  void aStormLongAfterTheFirstCheckpointIsSizedByTheLastTwoSteps() {
    Scenario scenario = scenario().ceiling(65536);
    State state = step(scenario, scenario.sample(10, 1, 600, 0), scenario.started());
    state = step(scenario, scenario.sample(200, 1, 600, 0), state);
    state = step(scenario, scenario.sample(210, 1, 800, 0), state);

    Decision decision = scenario.step(scenario.sample(220, 2, 1200, 0), state).decision();

    assertThat(((Decision.Resize) decision).change().toMb())
        .isEqualTo(SizeNeed.mb(20, 1.1, 300, 0.9, 16));
  }

  @Test
  void aStormThatTheDeadlineMeetsIsSizedAsOne() {
    Scenario scenario = scenario().ceiling(65536);
    State state = step(scenario, scenario.sample(290, 1, 600, 0), scenario.started());

    Change change =
        ((Decision.Resize) scenario.step(scenario.sample(300, 2, 800, 0), state).decision())
            .change();

    assertThat(change.trigger()).isEqualTo(Trigger.EARLY);
    assertThat(change.toMb()).isEqualTo(SizeNeed.mb(20, 1.1, 300, 0.9, 16));
  }

  @Test
  void pressureThatTheWholeIntervalSawIsDecidedAsEver() {
    Scenario scenario = scenario().ceiling(65536);
    State state = step(scenario, scenario.sample(10, 1, 600, 0), scenario.started());
    state = step(scenario, scenario.sample(290, 1, 1000, 0), state);

    Change change =
        ((Decision.Resize) scenario.step(scenario.sample(300, 2, 3000, 0), state).decision())
            .change();

    assertThat(change.trigger()).isEqualTo(Trigger.REACTIVE);
    assertThat(change.toMb()).isEqualTo(3072);
  }

  @Test
  void theAlgorithmMayAskForMore() {
    Scenario scenario = scenario().size(4096).ceiling(65536);
    State state = step(scenario, scenario.sample(10, 1, 100, 0), scenario.started());

    Decision decision = scenario.step(scenario.sample(20, 2, 200, 0), state).decision();

    assertThat(((Decision.Resize) decision).change().toMb()).isEqualTo(3 * 4096);
  }

  @Test
  void isNotScaledToAFullInterval() {
    Scenario scenario = scenario();
    State state = step(scenario, scenario.sample(10, 1, 100, 0), scenario.started());

    Decision decision = scenario.step(scenario.sample(20, 2, 110, 0), state).decision();

    assertThat(((Decision.Resize) decision).evidence().delta()).isEqualTo(2);
    assertThat(((Decision.Resize) decision).change().toMb()).isEqualTo(3 * 1024);
  }

  @Test
  void aSpikeOfOneStepIsNotForeseen() {
    Scenario scenario = scenario().proactive().ceiling(65536);
    State state = step(scenario, scenario.sample(10, 0, 10, 0), scenario.started());
    state = step(scenario, scenario.sample(20, 0, 400, 0), state);

    assertThat(scenario.step(scenario.sample(30, 0, 410, 0), state).decision())
        .isInstanceOf(Decision.Waiting.class);
    Decision decision = scenario.step(scenario.sample(30, 0, 900, 0), state).decision();
    assertThat(((Decision.Resize) decision).change().trigger()).isEqualTo(Trigger.PROACTIVE);
    assertThat(((Decision.Resize) decision).change().toMb())
        .isEqualTo(SizeNeed.mb(50, 1.3, 300, 0.9, 16));
  }

  private static SimulatedServer stormFrom(double second, RandomGenerator random) {
    return new SimulatedServer(random, 64, 16, TIMEOUT).load(step(second, RATE));
  }

  private static DoubleUnaryOperator step(double second, double rate) {
    return now -> now > second ? rate : 0.01;
  }

  private static State step(Scenario scenario, Sample sample, State from) {
    return scenario.step(sample, from).state();
  }
}
