package org.pgwalrus.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgwalrus.backend.StateField.Life;

/** What the declarations of the shared state promise. */
class StateFieldTest {

  private static final int LARGEST = 32 * 1024;

  @Test
  void allOfThemTogetherStaySmall() {
    assertThat(Arrays.stream(StateField.values()).mapToInt(StateField::size).sum())
        .isLessThan(LARGEST);
  }

  @ParameterizedTest
  @EnumSource
  void anArrayIsClearedTogetherWithItsCount(StateField field) {
    StateField count = field.count();
    if (count != null) {
      assertThat(count.type()).isEqualTo(CType.INT);
      assertThat(count.life()).isEqualTo(field.life());
    }
  }

  /** The worker tells them when they change: cleared, they would be wrong until then. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "WORKER_PID",
        "ENGINE",
        "RELEASED",
        "PENDING_SIZE_MB",
        "APPLY_BLOCKED",
        "HISTORY_PENDING",
        "ACTIVE_PROFILE",
        "PROFILE_ERROR",
        "CONFIG_WARNINGS"
      })
  void whatHoldsNowIsNotCleared(StateField field) {
    assertThat(field.life()).isEqualTo(Life.SERVER);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "SAMPLES",
        "ANALYSIS_CYCLES",
        "TOTAL_ADJUSTMENTS",
        "LAST_ADJUSTMENT_TIME",
        "QUIET_INTERVALS",
        "BASELINE_VALID",
        "RATE_SAMPLES",
        "APPLIED_SEC",
        "LAST_APPLIED_SEC",
        "TRIAL_SEC",
        "LAST_TRIAL_SEC",
        "ENGINE_FAILURES"
      })
  void whatWasCountedOrMeasuredIsCleared(StateField field) {
    assertThat(field.life()).isEqualTo(Life.RESET);
  }
}
