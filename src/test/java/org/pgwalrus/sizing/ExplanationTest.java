package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.api.Test;

class ExplanationTest {

  @Test
  void tellsAGrowth() {
    assertThat(steps(scenario().base(10).delta(5).ceiling(65536).disk(3000, 1000, 0)))
        .isEqualTo(
            """
            requested checkpoints | counter 15, was 10 | 5 in 300 s
            forced by WAL | all are counted | 5 per interval
            threshold | 2 | reached
            calculated size | multiplicative | 6144 MB
            walrus.max | 65536 MB | does not limit
            disk | 3200 MB | limits
            current size | 1024 MB | below 3200 MB
            rate limit | 0 this hour | allowed
            dry run | off | increase from 1024 MB to 3200 MB
            """);
  }

  @Test
  void tellsWhyNothingCanGrow() {
    assertThat(
            steps(
                scenario()
                    .countMode(CountMode.WAL)
                    .size(8192)
                    .delta(3)
                    .wal(16000)
                    .caps(20, 60, 100)))
        .isEqualTo(
            """
            requested checkpoints | counter 3, was 0 | 3 in 300 s
            forced by WAL | 16000 MB of WAL, forced every 4304 MB | 3 per interval
            threshold | 2 | reached
            calculated size | multiplicative | 32768 MB
            walrus.max | 4096 MB | limits
            recovery_target | 6000 MB | does not limit
            current size | 8192 MB | not below 4096 MB
            """);
  }

  @Test
  void tellsAProactiveGrowthInADryRun() {
    assertThat(steps(scenario().proactive().trial().ceiling(65536).size(4096).steadyRate(10)))
        .isEqualTo(
            """
            requested checkpoints | counter 0, was 0 | 0 in 300 s
            forced by WAL | all are counted | 0 per interval
            threshold | 2 | not reached
            measured WAL rate | proactive | needs 7472 MB
            calculated size | by that rate | 7472 MB
            walrus.max | 65536 MB | does not limit
            current size | 4096 MB | below 7472 MB
            rate limit | 0 this hour | allowed
            dry run | on | would increase from 4096 MB to 7472 MB
            """);
  }

  @Test
  void tellsWhatAnEarlyGrowthIsSizedBy() {
    Scenario storm = scenario().ceiling(65536);
    State before = storm.step(storm.sample(10, 1, 100, 0), storm.started()).state();

    assertThat(text(storm.step(storm.sample(20, 2, 400, 0), before)))
        .endsWith(
            """
            threshold | 2 | reached
            measured WAL rate | early | needs 18880 MB
            calculated size | by that rate | 18880 MB
            walrus.max | 65536 MB | does not limit
            current size | 1024 MB | below 18880 MB
            rate limit | 0 this hour | allowed
            dry run | off | increase from 1024 MB to 18880 MB
            """);
  }

  @Test
  void tellsAShrinkThatIsBlocked() {
    assertThat(steps(scenario().size(4096).quiet(4).changedAt(1)))
        .isEqualTo(
            """
            requested checkpoints | counter 0, was 0 | 0 in 300 s
            forced by WAL | all are counted | 0 per interval
            threshold | 2 | not reached
            shrinking | on | allowed
            quiet intervals | 5 of 5 | enough
            floor | 1024 MB | below current 4096 MB
            smaller size | 3072 MB | below current 4096 MB
            rate limit | 1 this hour | cooldown active
            """);
  }

  @Test
  void endsWithTheCheckThatMadeItStay() {
    assertThat(steps(scenario().withoutShrink())).endsWith("shrinking | off | stays\n");
    assertThat(steps(scenario().quiet(2))).endsWith("quiet intervals | 3 of 5 | stays\n");
    assertThat(steps(scenario().quiet(4))).endsWith("floor | 1024 MB | stays\n");
    assertThat(steps(scenario().size(33).factor(0.99).minSize(2).quiet(4)))
        .endsWith("smaller size | 33 MB | stays\n");
  }

  @Test
  void aSampleThatDecidesNothingHasNone() {
    assertThat(steps(scenario().elapsed(10))).isEmpty();
  }

  private static String steps(Scenario scenario) {
    return text(scenario.outcome());
  }

  private static String text(Outcome outcome) {
    StringBuilder text = new StringBuilder();
    for (Step step : outcome.steps()) {
      text.append(step.check())
          .append(" | ")
          .append(step.value())
          .append(" | ")
          .append(step.result())
          .append('\n');
    }
    return text.toString();
  }
}
