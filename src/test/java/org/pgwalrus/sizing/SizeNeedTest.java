package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizeNeedTest {

  @ParameterizedTest(name = "{0}: {1} MB/s * {2}, target {3}, segments of {4} MB: {5} MB")
  @CsvSource({
    "A5a,   10, 1.0, 0.9, 16,  5776",
    "A5b,   10, 1.2, 0.9, 16,  6912",
    "A5c,   10, 1.3, 0.9, 16,  7472",
    "A5d,   10, 1.5, 0.9, 16,  8624",
    "A6a,    0, 1.2, 0.9, 16,    64",
    "A6b,    1, 1.2, 0.9, 16,   752",
    "A6c,    3, 1.2, 0.9, 16,  2128",
    "A6d,  100, 1.2, 0.9, 16, 68464",
    "A7a,   10, 1.2, 0.5, 16,  5456",
    "A7b,   10, 1.2, 0.9, 64,  7104",
    "A3,  10.6, 1.5, 0.9, 16,  9136",
    "huge, 1e9, 1.2, 0.9, 16,  2147483647",
    "unknown, NaN, 1.2, 0.9, 16, 0"
  })
  void holdsTheWalOfOneTimeout(
      String id, double rate, double headroom, double target, int segmentMb, int sizeMb) {
    assertThat(SizeNeed.mb(rate, headroom, 300, target, segmentMb)).isEqualTo(sizeMb);
  }

  @Test
  void noCheckpointIsForcedBeforeThat() {
    Seeds.forEach(SizeNeedTest::noCheckpointIsForcedBeforeThat);
  }

  private static void noCheckpointIsForcedBeforeThat(RandomGenerator random) {
    for (int i = 0; i < 100_000; i++) {
      double rate = random.nextDouble(1000);
      int timeoutSeconds = random.nextInt(30, 3600);
      double target = random.nextDouble(0, Math.nextUp(1.0));
      int segmentMb = 1 << random.nextInt(11);

      int sizeMb = SizeNeed.mb(rate, 1, timeoutSeconds, target, segmentMb);

      TriggerDistance distance = TriggerDistance.of(sizeMb, target, segmentMb);
      assertThat(sizeMb % segmentMb).isZero();
      assertThat((double) distance.leastMegabytes()).isGreaterThanOrEqualTo(rate * timeoutSeconds);
    }
  }
}
