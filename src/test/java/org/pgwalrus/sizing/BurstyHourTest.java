package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The hour in {@code bursty-hour.csv}: bursts of WAL amid idling, seen every 10 seconds. */
class BurstyHourTest {
  private static final double BYTES_PER_MB = 1 << 20;
  private static final List<Row> HOUR = read();

  private record Row(int second, double insertMb, double redoMb, long requested) {

    static Row parse(String line) {
      String[] fields = line.split(",", -1);
      return new Row(
          Integer.parseInt(fields[0]),
          Double.parseDouble(fields[1]),
          Double.parseDouble(fields[2]),
          Long.parseLong(fields[3]));
    }
  }

  /** The trace's sizes never change, so the changes are only tried. */
  @Test
  void aDryRunDecidesEachIntervalOnce() {
    Scenario scenario = scenario().countMode(CountMode.WAL).ceiling(65536).trial();
    List<String> decided = new ArrayList<>();
    State state = State.initial();
    for (Row row : HOUR) {
      Outcome outcome = scenario.step(sample(scenario, row), state);
      state = outcome.state();
      String text = text(outcome.decision());
      if (!text.isEmpty()) {
        decided.add(row.second() + " " + text);
      }
    }

    assertThat(decided)
        .containsExactly(
            "0 baseline 0",
            "300 quiet, delta 0",
            "500 early, would set 19536", // the first burst
            "800 reactive, would set 5120",
            "1100 quiet, delta 0",
            "1400 quiet, delta 0",
            "1700 quiet, delta 1", // the second
            "2000 quiet, delta 0",
            "2170 early, would set 12112", // the third and longest
            "2470 reactive, would set 11264",
            "2770 reactive, hourly limit reached",
            "3070 early, hourly limit reached", // the fourth, just before the deadline
            "3370 reactive, hourly limit reached");
    assertThat(state.rates().count()).isEqualTo(12);
  }

  /** The same WAL on a server whose sizes follow. */
  @Test
  void onceTheSizeHoldsTheBurstsWalForcesNoMore() {
    Policy policy = scenario().countMode(CountMode.WAL).ceiling(65536).policy();
    SimulatedServer server =
        new SimulatedServer(Seeds.fixed(), 1024, 16, 300).load(BurstyHourTest::rateAt);
    SimulatedWorker worker = new SimulatedWorker(server, policy, 10);

    worker.run(1000);
    long forcedByFirstBurst = server.forcedBegun();
    worker.run(2600);

    assertThat(forcedByFirstBurst).isBetween(2L, 5L);
    assertThat(server.forcedBegun()).isLessThanOrEqualTo(forcedByFirstBurst + 2);
    assertThat(worker.changes()).hasSizeBetween(1, 3);
  }

  private static String text(Decision decision) {
    return switch (decision) {
      case Decision.Waiting waiting -> "";
      case Decision.Quiet quiet -> "quiet, delta " + quiet.evidence().delta();
      case Decision.Baseline baseline -> "baseline " + baseline.requestedCheckpoints();
      case Decision.Trial trial ->
          trial.change().trigger().text() + ", would set " + trial.change().toMb();
      case Decision.Blocked blocked ->
          blocked.change().trigger().text() + ", " + blocked.block().reason();
      default -> decision.toString();
    };
  }

  private static Sample sample(Scenario scenario, Row row) {
    return scenario.sampleAtBytes(
        row.second(),
        row.requested(),
        (long) (row.insertMb() * BYTES_PER_MB),
        (long) (row.redoMb() * BYTES_PER_MB));
  }

  /** The trace's rate at a time, in MB/s. */
  private static double rateAt(double second) {
    int i = Math.min((int) (second / 10), HOUR.size() - 2);
    return (HOUR.get(i + 1).insertMb() - HOUR.get(i).insertMb()) / 10;
  }

  private static List<Row> read() {
    try (InputStream in =
        Objects.requireNonNull(BurstyHourTest.class.getResourceAsStream("bursty-hour.csv"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> Character.isDigit(line.charAt(0)))
          .map(Row::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
