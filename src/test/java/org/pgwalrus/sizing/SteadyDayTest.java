package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A day of even load on a server sampled every 10 seconds: sizes settle, and stay. */
class SteadyDayTest {
  private static final int DAY = 24 * 3600;

  @ParameterizedTest(name = "{0} MB/s")
  @ValueSource(ints = {3, 6, 10, 20})
  void noCheckpointIsForcedByShrinking(int rate) {
    Policy policy = scenario().countMode(CountMode.WAL).ceiling(65536).policy();

    Seeds.forEach(random -> {
      SimulatedServer server = new SimulatedServer(random, 1024, 16, 300).load(second -> rate);
      SimulatedWorker worker = new SimulatedWorker(server, policy, 10);
      while (worker.changes().isEmpty()) {
        worker.run(10);
      }
      long forcedUntilGrown = server.forcedBegun();
      worker.run(DAY);

      assertThat(forcedUntilGrown).isLessThanOrEqualTo(4);
      assertThat(server.forcedBegun()).isEqualTo(forcedUntilGrown);
      assertThat(worker.changes()).hasSizeLessThanOrEqualTo(3);
    });
  }
}
