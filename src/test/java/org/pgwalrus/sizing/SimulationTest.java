package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.pgwalrus.sizing.Scenario.scenario;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.sizing.Simulation.Row;

/** Whole days on paper; a day has 288 intervals of 300 s. */
class SimulationTest {
  private static final int DAY = 288;
  private static final int HOUR = 12;

  @Test
  void showsEachInterval() {
    assertThat(simulate(new double[] {10, 10, 10}, scenario().policy()))
        .containsExactly(
            new Row(1, 10, 1024, 5, "capped"),
            new Row(2, 10, 4096, 1, "none"),
            new Row(3, 10, 4096, 1, "none"));
  }

  @Test
  void showsWhatIsNotDone() {
    double[] rates = {10};

    assertThat(simulate(rates, scenario().limit(300, 0).policy()))
        .containsExactly(new Row(1, 10, 1024, 5, "skipped"));
    assertThat(simulate(rates, scenario().trial().policy()))
        .containsExactly(new Row(1, 10, 1024, 5, "dry_run"));
  }

  @Test
  void showsGrowthAndShrink() {
    double[] rates = new double[8];
    rates[0] = 10;

    assertThat(simulate(rates, scenario().ceiling(65536).policy()))
        .extracting(Row::action)
        .containsExactly("increase", "none", "none", "none", "none", "none", "none", "none");
    assertThat(simulate(rates, scenario().ceiling(65536).ratePolicy(0.2, 50, 0).policy()))
        .extracting(Row::action)
        .containsExactly("increase", "none", "none", "none", "none", "decrease", "none", "none");
  }

  /** A floor below what the load needs would bring forced checkpoints back. */
  @ParameterizedTest(name = "{0} MB/s")
  @ValueSource(ints = {3, 6, 10, 20})
  void aSteadyDaySettles(int rate) {
    double[] day = new double[DAY];
    Arrays.fill(day, rate);

    List<Row> rows = simulate(day, scenario().ceiling(65536).policy());
    List<Row> unshrunk = simulate(day, scenario().ceiling(65536).withoutShrink().policy());

    int grown = indexOfFirstChange(rows) + 1;
    assertThat(changes(rows)).isLessThanOrEqualTo(3);
    assertThat(changes(rows.subList(grown, DAY))).isLessThanOrEqualTo(2);
    assertThat(forced(rows)).isLessThanOrEqualTo(forced(unshrunk));
    assertThat(forced(rows.subList(grown, DAY))).isZero();
  }

  @Test
  void aNightlyBatchIsFollowedWithoutFlapping() {
    double[] days = new double[3 * DAY];
    for (int i = 0; i < days.length; i++) {
      days[i] = i % DAY < 2 * HOUR ? 30 : 2;
    }

    List<Row> rows = simulate(days, scenario().ceiling(65536).policy());

    assertThat(forced(rows)).isLessThanOrEqualTo(40);
    assertThat(changes(rows)).isLessThanOrEqualTo(30);
  }

  @ParameterizedTest(name = "{0} MB/s at {1} MB: {2} forced in the first interval")
  @CsvSource({
    "0, 1024, 0",
    "1, 1024, 0", // 300 MB
    "1.75, 1024, 0", // 525 MB of 528
    "1.76, 1024, 1", // with the last byte of the interval
    "10, 1024, 5",
    "1000000, 2, 18750000" // each segment of 16 MB
  })
  void checkpointsFollowTheTriggerDistance(double rate, int sizeMb, long forced) {
    Simulation.Setup setup =
        new Simulation.Setup(sizeMb, 300, 0.9, 16, scenario().limit(0, 0).policy());

    assertThat(Simulation.run(new double[] {rate}, setup))
        .extracting(Row::forcedCheckpoints)
        .containsExactly(forced);
  }

  @Test
  void aTimedCheckpointStartsTheDistanceAnew() {
    // 450 MB between timed checkpoints are never 528.
    assertThat(forced(simulate(new double[] {1.5, 1.5, 1.5, 1.5}, scenario().policy()))).isZero();
  }

  @ParameterizedTest(name = "{0} MB/s")
  @ValueSource(doubles = {-1, 1_000_001, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesWhatIsNoRate(double rate) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> simulate(new double[] {1, rate}, scenario().policy()))
        .withMessage("WAL rate must be between 0 and 1000000 MB/s, is " + rate);
  }

  private static List<Row> simulate(double[] rates, Policy policy) {
    return Simulation.run(rates, new Simulation.Setup(1024, 300, 0.9, 16, policy));
  }

  private static long forced(List<Row> rows) {
    return rows.stream().mapToLong(Row::forcedCheckpoints).sum();
  }

  private static long changes(List<Row> rows) {
    return rows.stream().filter(row -> !row.action().equals("none")).count();
  }

  private static int indexOfFirstChange(List<Row> rows) {
    int i = 0;
    while (rows.get(i).action().equals("none")) {
      i++;
    }
    return i;
  }
}
