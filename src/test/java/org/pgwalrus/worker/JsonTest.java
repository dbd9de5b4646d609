package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server will parse. */
class JsonTest {

  @Test
  void membersStandInTheOrderInWhichTheyWerePut() {
    Json json = new Json().put("b", "text").put("a", 9_223_372_036_854_775_807L).put("c", true);

    assertThat(json).hasToString("{\"b\": \"text\", \"a\": 9223372036854775807, \"c\": true}");
  }

  @Test
  void anObjectMayBeEmpty() {
    assertThat(new Json()).hasToString("{}");
  }

  @Test
  void nothingIsNull() {
    assertThat(new Json().put("text", (String) null).put("object", (Json) null))
        .hasToString("{\"text\": null, \"object\": null}");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void aNumberThatJsonDoesNotHaveIsNull(double value) {
    assertThat(new Json().put("n", value)).hasToString("{\"n\": null}");
  }

  @ParameterizedTest
  @CsvSource({
    "0.75, 0.75",
    "299.99951, 300.0",
    "0.0004, 0.0",
    "-1.2345, -1.234",
    "946684877.0625, 9.46684877063E8"
  })
  void aRealNumberHasThreeDecimals(double value, String json) {
    assertThat(new Json().put("n", value)).hasToString("{\"n\": " + json + "}");
  }

  @Test
  void quotesAndBackslashesAreEscaped() {
    assertThat(new Json().put("a", "C:\\x \"y\"")).hasToString("{\"a\": \"C:\\\\x \\\"y\\\"\"}");
  }

  @Test
  void controlCharactersBecomeBlanksAndAllOthersStay() {
    assertThat(new Json().put("t", "a\0b\nc\u001fd é€🦭")).hasToString("{\"t\": \"a b c d é€🦭\"}");
  }

  @Test
  void objectsNest() {
    Json inner = new Json().put("x", 1);

    assertThat(new Json().put("inner", inner).raw("list", "[1,2]"))
        .hasToString("{\"inner\": {\"x\": 1}, \"list\": [1,2]}");
  }

  @Test
  void theMembersOfAnotherObjectAreAddedWhicheverIsEmpty() {
    assertThat(new Json().put("a", 1).merge(new Json().put("b", 2)))
        .hasToString("{\"a\": 1, \"b\": 2}");
    assertThat(new Json().merge(new Json().put("b", 2))).hasToString("{\"b\": 2}");
    assertThat(new Json().put("a", 1).merge(new Json())).hasToString("{\"a\": 1}");
  }

  @Test
  void anObjectThatWasWrittenCanStillGrow() {
    Json json = new Json().put("a", 1);
    assertThat(json).hasToString("{\"a\": 1}");

    assertThat(json.put("b", 2)).hasToString("{\"a\": 1, \"b\": 2}");
  }
}
