package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PercentTest {

  private static final Stage FIRST = stage(90, 200);
  private static final Stage SECOND = stage(10, 4);

  @Test
  void aStageCountsByItsWeight() {
    Percent percent = new Percent(plan(FIRST, SECOND));
    assertThat(percent.value()).isZero();

    percent.enter(FIRST);
    percent.advance(100);
    assertThat(percent.value()).isEqualTo(45, within(1e-9));

    percent.enter(SECOND);
    assertThat(percent.value()).as("what is left of a stage is not to be done").isEqualTo(90);

    percent.advance(1);
    assertThat(percent.value()).isEqualTo(92.5, within(1e-9));
  }

  @Test
  void allUnitsOfAllStagesAreNotAWholeUntilTheJobIsComplete() {
    Percent percent = new Percent(plan(FIRST));
    percent.enter(FIRST);
    percent.advance(200);
    assertThat(percent.value()).isEqualTo(Percent.NEARLY);

    percent.advance(1_000_000);
    assertThat(percent.value()).isEqualTo(Percent.NEARLY).isLessThan(100);
  }

  @Test
  void aStageOfUnknownSizeStaysWhereItBegan() {
    Percent percent = new Percent(plan(FIRST, stage(10, 0)));
    percent.enter(FIRST);
    percent.enter(stage(10, 0));
    percent.advance(5);

    assertThat(percent.value()).isEqualTo(90);
  }

  @Test
  void whatIsTakenBackIsNotShown() {
    Percent percent = new Percent(plan(FIRST));
    percent.enter(FIRST);
    percent.advance(100);
    percent.value();
    percent.advance(-50);

    assertThat(percent.value()).isEqualTo(50);
  }

  @Test
  void aPlanOfNothingShowsNothing() {
    Percent percent = new Percent(plan());
    assertThat(percent.value()).isZero();

    Stage weightless = stage(0, 10);
    percent = new Percent(plan(weightless));
    percent.enter(weightless);
    percent.advance(10);
    assertThat(percent.value()).isZero();
  }

  static LongStream seeds() {
    return LongStream.concat(LongStream.range(0, 50), LongStream.of(System.nanoTime()));
  }

  /** Also when stages have more or fewer units than they said. */
  @ParameterizedTest
  @MethodSource("seeds")
  void itNeverDecreasesAndNeverEnds(long seed) {
    Random random = new Random(seed);
    List<Stage> stages = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      stages.add(stage(random.nextInt(101), random.nextLong(1L << random.nextInt(1, 62))));
    }
    Percent percent = new Percent(new Plan(0, 0, 0, stages));
    double last = 0;
    for (Stage stage : stages) {
      percent.enter(stage);
      for (int i = random.nextInt(20); i > 0; i--) {
        percent.advance(random.nextLong(stage.units() / 8 + 2));
        assertThat(percent.value()).as("seed " + seed).isBetween(last, Percent.NEARLY);
        last = percent.value();
      }
    }
  }

  private static Plan plan(Stage... stages) {
    return new Plan(0, 0, 0, List.of(stages));
  }

  private static Stage stage(int weight, long units) {
    return new Stage(Phase.DATA, weight, units, _ -> false);
  }
}
