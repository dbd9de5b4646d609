package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.Sample;
import org.pgwalrus.sizing.Simulation;

/** Pairs of name and value in, steps out. */
class SimulationRequestTest {

  private static final String ALL =
      "algorithm=additive checkpoint_timeout_sec=600 max_mb=8192 min_size_mb=512"
          + " shrink_factor=0.5 shrink_intervals=2 start_size_mb=2048 threshold=3";

  /** A storm, then hours of calm: what grows, shrinks again. */
  private static final String RATES =
      " rates=4,12,6,12," + Stream.generate(() -> "0.1").limit(90).collect(Collectors.joining(","));

  private final FakeServer server = new FakeServer();

  private String answer(String argument) {
    Look look =
        new Observer(server, new PolicyReader(server), new Profiles(server, new Events(server)))
            .look(server.nanos);
    return SimulationRequest.answer(argument, look.sample(), look.policy());
  }

  @Test
  void eachRateBecomesAStepOfSizeForcedCheckpointsAndAction() {
    // 3000 MB in 300 s at a distance of 528 MB; six times the size is above walrus.max.
    assertThat(answer("rates=10,0.125,0")).startsWith("{\"steps\": [[1024,5,\"capped\"],[4096,0,");
    assertThat(answer("rates=0.5")).isEqualTo("{\"steps\": [[1024,0,\"none\"]]}");
  }

  @Test
  void whatIsNotGivenIsAsItIsSetNow() {
    Sample now =
        new Observer(server, new PolicyReader(server), new Profiles(server, new Events(server)))
            .look(server.nanos)
            .sample();
    Policy policy = Examples.policy();
    Simulation.Setup setup = new Simulation.Setup(1024, 300, 0.9, 16, policy);

    assertThat(SimulationRequest.answer("rates=10,1,20", now, policy))
        .isEqualTo(
            Simulation.run(new double[] {10, 1, 20}, setup).stream()
                .map(row ->
                    "[%d,%d,\"%s\"]".formatted(row.sizeMb(), row.forcedCheckpoints(), row.action()))
                .collect(Collectors.joining(",", "{\"steps\": [", "]}")));
  }

  static Stream<String> parameters() {
    return Arrays.stream(ALL.split(" ", -1));
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void everyParameterMakesADifference(String parameter) {
    String without = ALL.replace(parameter + " ", "").replace(" " + parameter, "");

    assertThat(answer(without + RATES)).isNotEqualTo(answer(ALL + RATES));
  }

  @Test
  void proactiveSizingMakesADifference() {
    assertThat(answer(ALL + " proactive_sizing=true" + RATES)).isNotEqualTo(answer(ALL + RATES));
    assertThat(answer(ALL + " proactive_sizing=false" + RATES)).isEqualTo(answer(ALL + RATES));
  }

  @Test
  void aDryRunIsNoReasonToSimulateADryRun() {
    server.set(OperationSettings.DRY_RUN, true);

    assertThat(answer("rates=10")).contains("\"capped\"");
  }

  /** Anybody may send anything, past the checks of walrus.simulate(). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "rates",
        "rates=",
        "rates=x",
        "rates=1,,2",
        "rates=-1",
        "rates=NaN",
        "rates=1e7",
        "algorithm=magic rates=1",
        "threshold=0 rates=1",
        "threshold=x rates=1",
        "threshold=99999999999 rates=1",
        "start_size_mb=0 rates=1",
        "max_mb=1 rates=1",
        "min_size_mb=-5 rates=1",
        "shrink_factor=0 rates=1",
        "shrink_factor=1e300 rates=1",
        "shrink_factor=NaN rates=1",
        "shrink_intervals=0 rates=1",
        "checkpoint_timeout_sec=0 rates=1",
        "checkpoint_timeout_sec=-30 rates=1",
        "checkpoint_timeout_sec=86401 rates=1"
      })
  void whatIsNoSimulationIsRefusedAtOnce(String argument) {
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            assertThatThrownBy(() -> answer(argument))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).+"));
  }
}
