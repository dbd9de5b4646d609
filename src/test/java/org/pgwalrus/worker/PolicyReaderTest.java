package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgwalrus.backend.GrowthSettings;
import org.pgwalrus.backend.LimitSettings;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.ShrinkSettings;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Algorithm;
import org.pgwalrus.sizing.CapPolicy;
import org.pgwalrus.sizing.CountMode;
import org.pgwalrus.sizing.GrowthPolicy;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.RateLimit;
import org.pgwalrus.sizing.RatePolicy;
import org.pgwalrus.sizing.ShrinkPolicy;

/** Every setting reaches the place where it counts. */
class PolicyReaderTest {

  private final FakeServer server = new FakeServer();
  private final PolicyReader reader = new PolicyReader(server);

  private Policy policy() {
    reader.refresh();
    return reader.policy();
  }

  @Test
  void theDefaultsArePassedOn() {
    assertThat(policy())
        .isEqualTo(
            new Policy(
                4096,
                2,
                CountMode.WAL,
                new GrowthPolicy(Algorithm.MULTIPLICATIVE, 512, false, true),
                new ShrinkPolicy(true, 0.75, 5, 1024),
                new RatePolicy(0.2, 95, 0),
                new RateLimit(300, 4),
                new CapPolicy(20, 0, 100),
                false));
  }

  @Test
  void eachSettingHasItsPlace() {
    server.set(Settings.MAX, 101);
    server.set(Settings.THRESHOLD, 102);
    server.set(Settings.COUNT_MODE, "requested");
    server.set(GrowthSettings.ALGORITHM, "percentile");
    server.set(GrowthSettings.ADDITIVE_INCREMENT, 103);
    server.set(GrowthSettings.PROACTIVE_SIZING, true);
    server.set(GrowthSettings.EARLY_REACTION, false);
    server.set(ShrinkSettings.ENABLE, false);
    server.set(ShrinkSettings.FACTOR, 0.104);
    server.set(ShrinkSettings.INTERVALS, 105);
    server.set(ShrinkSettings.MIN_SIZE, 106);
    server.set(GrowthSettings.EMA_ALPHA, 0.107);
    server.set(GrowthSettings.TARGET_PERCENTILE, 10.8);
    server.set(GrowthSettings.HEADROOM, 1.09);
    server.set(LimitSettings.COOLDOWN, 110);
    server.set(LimitSettings.MAX_CHANGES_PER_HOUR, 111);
    server.set(LimitSettings.DISK_RESERVE, 11.2);
    server.set(LimitSettings.RECOVERY_TARGET, 113);
    server.set(LimitSettings.REPLAY_RATE, 114);
    server.set(OperationSettings.DRY_RUN, true);

    assertThat(policy())
        .isEqualTo(
            new Policy(
                101,
                102,
                CountMode.REQUESTED,
                new GrowthPolicy(Algorithm.PERCENTILE, 103, true, false),
                new ShrinkPolicy(false, 0.104, 105, 106),
                new RatePolicy(0.107, 10.8, 1.09),
                new RateLimit(110, 111),
                new CapPolicy(11.2, 113, 114),
                true));
  }

  @Test
  void whatWasReadLastHoldsUntilItIsReadAnew() {
    server.set(Settings.MAX, 8192);
    assertThat(reader.policy().maxMb()).isEqualTo(4096);
    assertThat(policy().maxMb()).isEqualTo(8192);
  }

  @ParameterizedTest
  @MethodSource("choices")
  void everyValueOfAChoiceHasItsConstant(String algorithm, String countMode) {
    server.set(GrowthSettings.ALGORITHM, algorithm);
    server.set(Settings.COUNT_MODE, countMode);

    assertThat(PolicyReader.value(policy().growth().algorithm())).isEqualTo(algorithm);
    assertThat(PolicyReader.value(policy().countMode())).isEqualTo(countMode);
  }

  static Object[][] choices() {
    return GrowthSettings.ALGORITHM.values().stream()
        .flatMap(
            algorithm -> Settings.COUNT_MODE.values().stream().map(mode -> pair(algorithm, mode)))
        .toArray(Object[][]::new);
  }

  private static Object[] pair(String algorithm, String mode) {
    return new Object[] {algorithm, mode};
  }

  @Test
  void sizesAreOnlyAdvisedBySettingOrOnceReleased() {
    assertThat(reader.advises()).isFalse();

    server.set(OperationSettings.APPLY_MODE, "advise");
    assertThat(reader.advises()).isTrue();

    server.set(OperationSettings.APPLY_MODE, "alter_system");
    server.state().set(StateField.RELEASED, 1);
    assertThat(reader.advises()).isTrue();
  }
}
