package org.pgwalrus.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads and writes of the shared state's fields, by their types. */
class SharedStateTest {

  private final SharedState state = SharedStates.inMemory();

  static Stream<StateField> texts() {
    return Arrays.stream(StateField.values()).filter(field -> field.type() == CType.TEXT);
  }

  static Stream<StateField> reals() {
    return scalars().filter(field -> field.type() == CType.DOUBLE);
  }

  static Stream<StateField> wholeNumbers() {
    return scalars().filter(field -> field.type() != CType.DOUBLE);
  }

  private static Stream<StateField> scalars() {
    return Arrays.stream(StateField.values())
        .filter(field -> field.count() == null && field.type() != CType.TEXT);
  }

  static Stream<StateField> arrays() {
    return Arrays.stream(StateField.values()).filter(field -> field.count() != null);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void everyTextIsKeptAndCutToItsFieldAtAWholeCharacter(StateField field) {
    state.set(field, "some text");
    assertThat(state.text(field)).isEqualTo("some text");

    state.set(field, "-" + "é".repeat(field.length()));
    assertThat(state.text(field)).isEqualTo("-" + "é".repeat((field.length() - 2) / 2));

    state.set(field, "");
    assertThat(state.text(field)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("reals")
  void everyRealNumberIsKept(StateField field) {
    state.setReal(field, 0.1);
    assertThat(state.real(field)).isEqualTo(0.1);
  }

  @ParameterizedTest
  @MethodSource("wholeNumbers")
  void everyWholeNumberIsKept(StateField field) {
    state.set(field, 1);
    assertThat(state.get(field)).isEqualTo(1);
    state.set(field, 0);
    assertThat(state.get(field)).isZero();
  }

  @ParameterizedTest
  @MethodSource("arrays")
  void everyArrayIsKeptWithItsCountUpToItsLength(StateField field) {
    assertThat(field.count()).isNotNull();
    int[] numbers = new int[field.length()];
    double[] reals = new double[field.length()];
    for (int i = 0; i < field.length(); i++) {
      numbers[i] = i + 1;
      reals[i] = i + 0.5;
    }
    if (field.type() == CType.DOUBLE) {
      state.setReals(field, reals);
      assertThat(state.reals(field)).containsExactly(reals);
      state.setReals(field, new double[] {7});
      assertThat(state.reals(field)).containsExactly(7);
    } else {
      state.setNumbers(field, numbers);
      assertThat(state.numbers(field)).containsExactly(numbers);
      state.setNumbers(field, new int[] {7});
      assertThat(state.numbers(field)).containsExactly(7);
    }
  }

  @Test
  void theCountOfAnArrayIsAFieldOfItsOwn() {
    state.setReals(StateField.RATE_SAMPLES, new double[] {1, 2, 3});
    assertThat(state.get(StateField.RATE_SAMPLE_COUNT)).isEqualTo(3);
  }

  /** A count that went wrong must not become a read of memory that is not meant. */
  @Test
  void aCountThatCannotBeIsBroughtIntoRange() {
    state.set(StateField.RATE_SAMPLE_COUNT, 1_000_000);
    assertThat(state.reals(StateField.RATE_SAMPLES)).hasSize(100);
    state.set(StateField.APPLIED_COUNT, -1);
    assertThat(state.numbers(StateField.APPLIED_SEC)).isEmpty();
  }

  @Test
  void moreThanAnArrayHoldsIsRefused() {
    assertThatThrownBy(() -> state.setReals(StateField.RATE_SAMPLES, new double[101]))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> state.setNumbers(StateField.APPLIED_SEC, new int[1001]))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void whatIsNoArrayHasNoElements() {
    assertThatThrownBy(() -> state.reals(StateField.FPI_SHARE))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("fpi_share");
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
}
