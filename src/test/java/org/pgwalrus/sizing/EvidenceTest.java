package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.CountMode.WAL;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvidenceTest {

  @ParameterizedTest(name = "{0}: {2} requests, {3} MB of WAL, size {1} MB: delta {4}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          D7a            | 1024 | 3 |    5 | 0
          D7b            | 1024 | 3 | 1600 | 3
          D7c            | 1024 | 6 | 1600 | 3
          D10            |   32 | 2 |   40 | 2
          one MB short   | 1024 | 3 | 1535 | 2
          just enough    | 1024 | 3 | 1536 | 3
          one segment    |   32 | 9 |   40 | 3
          never negative | 1024 | 0 |    0 | 0
          """)
  void walLimitsWhatCounts(String id, int sizeMb, long requests, long walMb, long delta) {
    Scenario scenario = scenario().countMode(WAL).size(sizeMb).delta(requests).wal(walMb);

    assertThat(scenario.evidence().rawDelta()).isEqualTo(requests);
    assertThat(scenario.evidence().walMb()).isEqualTo(walMb);
    assertThat(scenario.evidence().delta()).isEqualTo(delta);
  }

  @ParameterizedTest(name = "{0}: {1} in {2} s is {3} per 300 s")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          D8a              |                   9 |   900 |                   3
          D8b              |                   2 |   450 |                   2
          just past 1.5 T  |                   2 | 450.1 |                   1
          half rounds up   |                   3 |   600 |                   2
          under half       |                   1 |   601 |                   0
          short interval   |                   3 |    10 |                   3
          unscaled extreme | 9223372036854775807 |   300 | 9223372036854775807
          """)
  void longIntervalsAreScaledToOneTimeout(
      String id, long requests, double elapsedSeconds, long delta) {
    assertThat(scenario().delta(requests).elapsed(elapsedSeconds).evidence().delta())
        .isEqualTo(delta);
  }

  @Test
  void theWalLimitComesBeforeTheScaling() {
    Scenario scenario = scenario().countMode(WAL).delta(9).wal(4 * 512).elapsed(600);

    assertThat(scenario.evidence().delta()).isEqualTo(2);
  }

  @Test
  void aForcedCheckpointThatIsCountedAfterTheDecisionCounts() {
    Scenario scenario = scenario().countMode(WAL);
    Sample decided = scenario.sample(300, 0, 700, 600);
    Sample end = scenario.sample(600, 2, 810, 800);
    Interval next = scenario.interval().extendedBy(decided).followedAt(decided).extendedBy(end);

    assertThat(Evidence.of(next, end).delta()).isEqualTo(1);
  }

  @Test
  void explainedRequestsAreTakenOffWhereWalIsCounted() {
    assertThat(withOneManualCheckpoint(scenario().countMode(WAL)).delta()).isEqualTo(2);
  }

  @Test
  void explainedRequestsAreOnlyReportedWhereRequestsAreCounted() {
    Evidence evidence = withOneManualCheckpoint(scenario());

    assertThat(evidence.explained()).isEqualTo(1);
    assertThat(evidence.delta()).isEqualTo(3);
  }

  @Test
  void theDistanceIsTheShortestInForce() {
    Scenario scenario = scenario();
    Interval interval = scenario.interval().extendedBy(scenario.size(4096).sample(10, 0, 0, 0));

    assertThat(Evidence.of(interval, scenario.end()).triggerDistanceMb()).isEqualTo(528);
  }

  private static Evidence withOneManualCheckpoint(Scenario scenario) {
    Sample end = scenario.sample(300, 3, 2000, 1200);
    Interval interval =
        scenario
            .interval()
            .extendedBy(scenario.sample(10, 0, 60, 50))
            .extendedBy(scenario.sample(20, 1, 120, 100))
            .extendedBy(end);
    return Evidence.of(interval, end);
  }
}
