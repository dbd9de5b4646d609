package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.CountMode.REQUESTED;
import static org.pgwalrus.sizing.CountMode.WAL;
import static org.pgwalrus.sizing.Decision.Baseline.Cause.COUNT_MODE_CHANGED;
import static org.pgwalrus.sizing.Decision.Baseline.Cause.INTERVAL_TOO_LONG;
import static org.pgwalrus.sizing.Decision.Baseline.Cause.STATISTICS_RESET;
import static org.pgwalrus.sizing.Decision.Baseline.Cause.WAL_WENT_BACK;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {
  private final Scenario server = scenario().base(10).countMode(WAL);
  private final Interval interval = Interval.startingAt(server.sample(1000, 10, 700, 600), WAL);

  /** The newest checkpoint, with its redo at 600 MB, came from no WAL. */
  private final Interval settled =
      Interval.startingAt(server.sample(990, 10, 600, 590), WAL)
          .extendedBy(server.sample(1000, 10, 700, 600));

  @Test
  void theDeadlineMovesWithTheTimeout() {
    assertThat(interval.deadline(300)).isEqualTo(1300);
    assertThat(interval.deadline(30)).isEqualTo(1030);
  }

  @Test
  void anOrdinarySampleBreaksNothing() {
    assertThat(interval.brokenBy(server.sample(1300, 12, 1700, 1200), WAL)).isNull();
  }

  @Test
  void aSampleThatRepeatsTheStartBreaksNothing() {
    assertThat(interval.brokenBy(server.sample(1000, 10, 700, 600), WAL)).isNull();
  }

  @Test
  void aLowerCounterIsAReset() {
    assertThat(interval.brokenBy(server.sample(1010, 9, 700, 600), WAL))
        .isEqualTo(STATISTICS_RESET);
  }

  @Test
  void aCounterLowerThanTheLastIsAResetEvenAboveTheBase() {
    Interval later = interval.extendedBy(server.sample(1010, 15, 700, 600));

    assertThat(later.brokenBy(server.sample(1020, 12, 700, 600), WAL)).isEqualTo(STATISTICS_RESET);
  }

  @Test
  void aNewResetTimeIsAResetWhateverTheCounterSays() {
    Sample sample = new Sample(1010, 10, 2, 700L << 20, 600L << 20, 1024, 300, 0.9, 16);

    assertThat(interval.brokenBy(sample, WAL)).isEqualTo(STATISTICS_RESET);
  }

  @Test
  void anotherCountModeBreaksIt() {
    assertThat(interval.brokenBy(server.sample(1010, 10, 700, 600), REQUESTED))
        .isEqualTo(COUNT_MODE_CHANGED);
  }

  @Test
  void fourTimeoutsAreTheLongest() {
    assertThat(interval.brokenBy(server.sample(2200, 10, 700, 600), WAL)).isNull();
    assertThat(interval.brokenBy(server.sample(2200.1, 10, 700, 600), WAL))
        .isEqualTo(INTERVAL_TOO_LONG);
  }

  @Test
  void walThatGoesBackBreaksIt() {
    assertThat(interval.brokenBy(server.sample(1010, 10, 599, 600), WAL)).isEqualTo(WAL_WENT_BACK);
    assertThat(interval.brokenBy(server.sample(1010, 10, 700, 599), WAL)).isEqualTo(WAL_WENT_BACK);
  }

  @Test
  void walPositionsMayCrossTheSignBit() {
    Interval high =
        Interval.startingAt(server.sampleAtBytes(0, 10, Long.MAX_VALUE, Long.MAX_VALUE - 5), WAL);

    assertThat(
            high.brokenBy(server.sampleAtBytes(1, 10, Long.MIN_VALUE + 9, Long.MIN_VALUE + 3), WAL))
        .isNull();
  }

  // The trigger distance is 528 MB, the least 512 MB, and 460 MB is the last that counts as short.
  @ParameterizedTest(name = "{0}: redo at {2} MB, insert at {3} MB, {1} requests: {4} explained")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          manual checkpoint             | 1 |  700 |  750 | 1
          three at once                 | 3 |  700 |  750 | 3
          redo steps, no request        | 0 |  700 |  750 | 0
          manual one, counted late      | 1 |  600 |  750 | 1
          longest short step            | 1 | 1060 | 1070 | 1
          step of a forced checkpoint   | 1 | 1112 | 1130 | 0
          step within the margin        | 1 | 1061 | 1070 | 0
          a forced one began since then | 1 |  700 | 1230 | 0
          """)
  void shortRedoStepsExplainRequests(
      String what, long requests, long redoMb, long insertMb, long explained) {
    Sample next = server.sample(1010, 10 + requests, insertMb, redoMb);

    assertThat(settled.extendedBy(next).explained()).isEqualTo(explained);
  }

  @Test
  void explainedRequestsAddUp() {
    Interval later =
        settled
            .extendedBy(server.sample(1010, 11, 710, 705))
            .extendedBy(server.sample(1020, 11, 730, 705))
            .extendedBy(server.sample(1030, 13, 730, 725));

    assertThat(later.explained()).isEqualTo(3);
    assertThat(later.lastRequested()).isEqualTo(13);
    assertThat(later.baseRequested()).isEqualTo(10);
  }

  @Test
  void nothingIsExplainedUntilTheCheckpointBeforeABaselineIsCounted() {
    assertThat(interval.extendedBy(server.sample(1010, 11, 710, 705)).explained()).isZero();
    assertThat(interval.extendedBy(server.sample(1010, 11, 710, 600)).explained()).isZero();
  }

  @Test
  void aForcedCheckpointThatIsCountedWithTheNextManualOneIsNotExplained() {
    Interval forced = settled.extendedBy(server.sample(1010, 10, 1200, 1120));
    Interval manual = forced.extendedBy(server.sample(1020, 12, 1220, 1210));
    Interval another = manual.extendedBy(server.sample(1030, 13, 1240, 1230));

    assertThat(manual.explained()).isZero();
    assertThat(another.explained()).isEqualTo(1);
  }

  @Test
  void onceAForcedCheckpointIsCountedTheNextManualOneIsExplained() {
    Interval counted =
        settled
            .extendedBy(server.sample(1010, 10, 1200, 1120))
            .extendedBy(server.sample(1020, 11, 1210, 1120));

    assertThat(counted.explained()).isZero();
    assertThat(counted.extendedBy(server.sample(1030, 12, 1240, 1230)).explained()).isEqualTo(1);
  }

  @Test
  void whatMayStillBeCountedGoesOverToTheNextInterval() {
    Sample end = server.sample(1300, 10, 1200, 1120);
    Interval next = settled.extendedBy(end).followedAt(end);

    assertThat(next.inherited()).isEqualTo(1);
    assertThat(next.extendedBy(server.sample(1310, 12, 1220, 1210)).explained()).isZero();
  }

  @Test
  void aSettledIntervalLeavesNothingToTheNext() {
    Sample end = server.sample(1300, 11, 720, 710);
    Interval next = settled.extendedBy(end).followedAt(end);

    assertThat(next.inherited()).isZero();
    assertThat(next.extendedBy(server.sample(1310, 12, 740, 730)).explained()).isEqualTo(1);
  }

  @Test
  void nothingIsExplainedAtATriggerDistanceOfOneSegment() {
    Interval small =
        Interval.startingAt(server.size(32).sample(0, 10, 601, 600), WAL)
            .extendedBy(server.sample(5, 10, 602, 601));

    assertThat(small.extendedBy(server.sample(10, 11, 603, 602)).explained()).isZero();
  }

  @Test
  void theShortestDistanceIsKeptWhateverFollows() {
    Interval grown =
        interval
            .extendedBy(server.size(512).sample(1010, 10, 700, 600))
            .extendedBy(server.size(4096).sample(1020, 10, 700, 600));

    assertThat(grown.shortest().segments()).isEqualTo(16);
  }
}
