package org.pgwalrus.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads and writes of the shared state's fields, by their types. */
class SharedStateTest {

  private final SharedState state = SharedStates.inMemory();

  @ParameterizedTest
  @EnumSource(StateField.class)
  void everyFieldKeepsWhatIsWritten(StateField field) {
    if (field.type() == CType.TEXT) {
      state.set(field, "some text");
      assertThat(state.text(field)).isEqualTo("some text");
      state.set(field, "");
      assertThat(state.text(field)).isEmpty();
    } else {
      state.set(field, 1);
      assertThat(state.get(field)).isEqualTo(1);
      state.set(field, 0);
      assertThat(state.get(field)).isZero();
    }
  }

  @Test
  void aSwitchIsZeroOrOne() {
    state.set(StateField.BASELINE_VALID, 256);
    assertThat(state.get(StateField.BASELINE_VALID)).isEqualTo(1);
  }

  @Test
  void aLongKeepsAllItsBitsAndAnIntRefusesThem() {
    state.set(StateField.SAMPLES, Long.MAX_VALUE);
    assertThat(state.get(StateField.SAMPLES)).isEqualTo(Long.MAX_VALUE);
    state.set(StateField.CURRENT_SIZE_MB, Integer.MAX_VALUE);
    assertThat(state.get(StateField.CURRENT_SIZE_MB)).isEqualTo(Integer.MAX_VALUE);
    assertThatThrownBy(() -> state.set(StateField.CURRENT_SIZE_MB, 1L << 31))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void aCounterIsIncremented() {
    state.set(StateField.SAMPLES, 41);
    state.increment(StateField.SAMPLES);
    assertThat(state.get(StateField.SAMPLES)).isEqualTo(42);
  }

  @Test
  void aLongTextIsCutToItsFieldAtAWholeCharacter() {
    state.set(StateField.APPLY_BLOCKED, "-" + "é".repeat(CType.TEXT_SIZE));
    assertThat(state.text(StateField.APPLY_BLOCKED))
        .isEqualTo("-" + "é".repeat((CType.TEXT_SIZE - 2) / 2));
  }
}
