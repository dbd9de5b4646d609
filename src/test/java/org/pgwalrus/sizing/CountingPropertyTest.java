package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Whether every forced checkpoint is counted, on servers that know which ones were. */
class CountingPropertyTest {

  @Test
  void noCheckpointThatWalForcedIsEverLeftOut() {
    Seeds.forEach(random -> {
      Tally tally = new Tally();
      for (int server = 0; server < 200; server++) {
        tally.add(random);
      }
      assertThat(tally.decisions).isGreaterThan(1000);
      assertThat(tally.explained).isGreaterThan(100);
    });
  }

  private static final class Tally {
    private long decisions;
    private long explained;

    void add(RandomGenerator random) {
      int segmentMb = 1 << random.nextInt(7);
      int sizeMb = random.nextInt(2 * segmentMb, 4096);
      SimulatedServer server =
          new SimulatedServer(random, sizeMb, segmentMb, 300).load(gusts(random)).erratic();
      Scenario scenario = scenario().countMode(CountMode.WAL);
      State state = State.initial();
      long forcedAtStart = 0;
      for (int i = 0; i < 600; i++) {
        server.run(10);
        Outcome outcome = scenario.step(server.sample(), state);
        state = outcome.state();
        Evidence evidence = outcome.decision().evidence();
        if (evidence != null) {
          assertThat(evidence.delta())
              .isBetween(server.forced() - forcedAtStart, evidence.rawDelta());
          explained += evidence.explained();
          decisions++;
        }
        if (outcome.decision() instanceof Decision.Baseline) {
          forcedAtStart = server.forcedBegun();
        } else if (evidence != null) {
          forcedAtStart = server.forced();
        }
      }
    }
  }

  /** A rate that changes about once a minute, half of the time to next to nothing. */
  private static DoubleUnaryOperator gusts(RandomGenerator random) {
    double[] rate = new double[1];
    return second -> {
      if (random.nextInt(600) == 0) {
        rate[0] = random.nextBoolean() ? random.nextDouble(4) : random.nextDouble(100);
      }
      return rate[0];
    };
  }
}
