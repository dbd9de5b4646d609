package org.pgwalrus.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How arguments, results and errors lie in the frame that C declares too. */
class FrameTest {

  private final MemorySegment memory = Arena.ofAuto().allocate(Frame.SIZE, 8);
  private final Frame frame = new Frame(memory);

  @Test
  void argumentsResultsAndTextsLieAsInTheStructOfTheShim() {
    frame.putInt(2, -7);
    frame.putText(1, "grün");
    memory.set(ValueLayout.JAVA_LONG, (Frame.SLOTS + 3) * 8L, Long.MIN_VALUE);
    memory.setString(Frame.SLOTS * 16L, "first");

    assertThat(memory.get(ValueLayout.JAVA_LONG, 16)).isEqualTo(-7);
    assertThat(memory.getString(Frame.SLOTS * 16L + Frame.TEXT_SIZE)).isEqualTo("grün");
    assertThat(frame.result(3)).isEqualTo(Long.MIN_VALUE);
    assertThat(frame.text(0)).isEqualTo("first");
    assertThat(Frame.SIZE).isEqualTo(2 * Frame.SLOTS * 8 + Frame.TEXTS * Frame.TEXT_SIZE);
  }

  @Test
  void aLongMessageIsCutBeforeItReachesTheNext() {
    frame.putText(1, "neighbour");
    frame.putMessage(0, "x".repeat(2 * Frame.TEXT_SIZE));

    assertThat(frame.text(0)).isEqualTo("x".repeat(Frame.TEXT_SIZE - 1));
    assertThat(frame.text(1)).isEqualTo("neighbour");
  }

  /** Half a query or half a name would be another one. */
  @Test
  void aTextThatDoesNotFitIsRefused() {
    frame.putText(0, "x".repeat(Frame.TEXT_SIZE - 1));
    assertThat(frame.text(0)).hasSize(Frame.TEXT_SIZE - 1);

    assertThatThrownBy(() -> frame.putText(0, "x".repeat(Frame.TEXT_SIZE)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> frame.putText(0, "é".repeat(Frame.TEXT_SIZE / 2)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whetherATextFitsIsKnownBeforehand() {
    assertThat(Frame.fits("x".repeat(Frame.TEXT_SIZE - 1))).isTrue();
    assertThat(Frame.fits("x".repeat(Frame.TEXT_SIZE))).isFalse();
    assertThat(Frame.fits("é".repeat(Frame.TEXT_SIZE / 2))).isFalse();
  }

  @Test
  void aShorterTextLeavesNothingOfALongerOne() {
    frame.putText(0, "a long text");
    frame.putText(0, "short");
    assertThat(frame.text(0)).isEqualTo("short");
    frame.putText(0, "");
    assertThat(frame.text(0)).isEmpty();
  }

  /** One, two, three and four bytes a character, at every offset to the end of the buffer. */
  @ParameterizedTest
  @ValueSource(strings = {"x", "é", "€", "🦭"})
  void aCutNeverSplitsACharacter(String character) {
    int bytes = character.getBytes(StandardCharsets.UTF_8).length;
    for (int offset = 0; offset < bytes; offset++) {
      String prefix = "-".repeat(offset);
      frame.putMessage(2, prefix + character.repeat(Frame.TEXT_SIZE));

      int whole = (Frame.TEXT_SIZE - 1 - offset) / bytes;
      assertThat(frame.text(2)).isEqualTo(prefix + character.repeat(whole));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "16801924, 42601",
    "16908420, 42P01",
    "83906754, 23505",
    "325, 55000",
    "2600, XX000",
    "0, 00000"
  })
  void aSqlStateIsUnpackedAsTheServerPacksIt(int packed, String state) {
    assertThat(Frame.sqlState(packed)).isEqualTo(state);
  }

  @Test
  void anErrorIsReadWithItsFourParts() {
    memory.set(ValueLayout.JAVA_LONG, Frame.SLOTS * 8L, 16801924);
    frame.putText(0, "syntax error");
    frame.putText(1, "at end");
    frame.putText(2, "look there");

    PgException error = frame.error();
    assertThat(error.sqlState()).isEqualTo("42601");
    assertThat(error.message()).isEqualTo("syntax error");
    assertThat(error.detail()).isEqualTo("at end");
    assertThat(error.hint()).isEqualTo("look there");
    assertThat(error).hasMessage("syntax error");
  }
}
