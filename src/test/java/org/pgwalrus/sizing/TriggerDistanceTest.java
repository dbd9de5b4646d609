package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TriggerDistanceTest {
  private static final long MB = 1L << 20;

  @ParameterizedTest(name = "{0}: {1} MB, target {2}, segments of {3} MB")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          M1a | 1024 | 0.9 | 16 |  33 |  528
          M1b | 4096 | 0.9 | 16 | 134 | 2144
          M1c | 1024 | 0.5 | 16 |  42 |  672
          M1d | 1024 | 0.9 | 64 |   8 |  512
          M2  |    2 | 0.9 | 16 |   1 |   16
          """)
  void followsTheServersFormula(
      String id, int maxWalSizeMb, double target, int segmentMb, int segments, int megabytes) {
    TriggerDistance distance = TriggerDistance.of(maxWalSizeMb, target, segmentMb);

    assertThat(distance.segments()).isEqualTo(segments);
    assertThat(distance.megabytes()).isEqualTo(megabytes);
  }

  @ParameterizedTest(name = "{0} MB, target {1}: {2} MB on PostgreSQL 15")
  @CsvSource({"1024, 0.9, 528.0", "1024, 0.5, 673", "512, 0.9, 256.4", "64, 0.9, 30.6"})
  void liesWithinOneSegmentOfWhatAServerDoes(int maxWalSizeMb, double target, double measuredMb) {
    TriggerDistance distance = TriggerDistance.of(maxWalSizeMb, target, 16);

    assertThat(measuredMb)
        .isBetween((double) distance.leastMegabytes(), distance.megabytes() + 16.0);
  }

  @Test
  void theWholeSizeTriggersWhenNothingIsLeftForTheSpreadWrite() {
    assertThat(TriggerDistance.of(1024, 0.0, 16).megabytes()).isEqualTo(1024);
  }

  @Test
  void theLargestSizesFit() {
    TriggerDistance distance = TriggerDistance.of(Integer.MAX_VALUE, 0.0, 1);

    assertThat(distance.megabytes()).isEqualTo(Integer.MAX_VALUE);
    assertThat(distance.cannotForce(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void aCheckpointMayComeOneSegmentEarlyButNeverWithinNothing() {
    assertThat(TriggerDistance.of(1024, 0.9, 16).leastMegabytes()).isEqualTo(512);
    assertThat(TriggerDistance.of(32, 0.9, 16).leastMegabytes()).isEqualTo(16);
  }

  @Test
  void oneTenthOfTheLeastDistanceIsMargin() {
    TriggerDistance distance = TriggerDistance.of(1024, 0.9, 16);

    assertThat(distance.cannotForce(460 * MB)).isTrue();
    assertThat(distance.cannotForce(461 * MB)).isFalse();
  }

  @Test
  void atOneSegmentNoAmountOfWalIsTooLittle() {
    TriggerDistance distance = TriggerDistance.of(32, 0.9, 16);

    assertThat(distance.cannotForce(0)).isFalse();
    assertThat(distance.mostForced(0)).isEqualTo(1);
  }

  @Test
  void theShorterOfTwoIsTheOneWithFewerSegments() {
    TriggerDistance before = TriggerDistance.of(1024, 0.9, 16);
    TriggerDistance after = TriggerDistance.of(4096, 0.9, 16);

    assertThat(after.shorter(before)).isEqualTo(before);
    assertThat(before.shorter(after)).isEqualTo(before);
  }
}
