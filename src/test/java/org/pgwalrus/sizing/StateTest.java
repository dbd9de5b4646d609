package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.api.Test;

class StateTest {
  private final Interval interval = scenario().interval();

  @Test
  void theFirstHasNoBaseline() {
    assertThat(State.initial()).isEqualTo(new State(null, 0, false));
  }

  @Test
  void withoutBaselineForgetsQuietButNotTheReport() {
    assertThat(new State(interval, 4, true).withoutBaseline()).isEqualTo(new State(null, 0, true));
  }

  @Test
  void quietIntervalsSaturate() {
    assertThat(new State(interval, 999_999, false).quiet(interval).quietIntervals())
        .isEqualTo(1_000_000);
    assertThat(new State(interval, 1_000_000, false).quiet(interval).quietIntervals())
        .isEqualTo(1_000_000);
    assertThat(new State(interval, Integer.MAX_VALUE, false).quiet(interval).quietIntervals())
        .isEqualTo(1_000_000);
  }
}
