package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.api.Test;

class StateTest {
  private final Interval interval = scenario().interval();

  @Test
  void theFirstHasNoBaseline() {
    assertThat(State.initial()).isEqualTo(new State(null, 0, 0));
  }

  @Test
  void withoutBaselineForgetsQuietButNotTheReport() {
    assertThat(new State(interval, 4, 4096).withoutBaseline()).isEqualTo(new State(null, 0, 4096));
  }

  @Test
  void quietIntervalsSaturate() {
    assertThat(new State(interval, 999_999, 0).quiet(interval).quietIntervals())
        .isEqualTo(1_000_000);
    assertThat(new State(interval, 1_000_000, 0).quiet(interval).quietIntervals())
        .isEqualTo(1_000_000);
    assertThat(new State(interval, Integer.MAX_VALUE, 0).quiet(interval).quietIntervals())
        .isEqualTo(1_000_000);
  }
}
