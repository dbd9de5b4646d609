package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A row on its way into the table and into an event. */
class HistoryRowTest {

  private static HistoryRow row(String event) {
    return new HistoryRow(
        "increase",
        1024,
        4096,
        "He said \"more\"",
        new Json().put("delta", 3),
        event,
        3,
        300,
        FakeServer.WALL_MICROS);
  }

  @Test
  void itsColumnsAreOneObjectWithTheTimeInMicroseconds() {
    assertThat(row("").columns())
        .isEqualTo(
            "{\"at\": 77000000, \"action\": \"increase\", \"old_size_mb\": 1024,"
                + " \"new_size_mb\": 4096, \"forced_checkpoints\": 3,"
                + " \"checkpoint_timeout_sec\": 300, \"reason\": \"He said \\\"more\\\"\","
                + " \"metadata\": {\"delta\": 3}}");
  }

  @Test
  void itsEventTellsTheSame() {
    assertThat(row("adjustment").payload())
        .isEqualTo(
            "{\"event\": \"adjustment\", \"action\": \"increase\", \"old_size_mb\": 1024,"
                + " \"new_size_mb\": 4096, \"forced_checkpoints\": 3,"
                + " \"reason\": \"He said \\\"more\\\"\", \"effective\": null}");
  }

  @Test
  void withoutAnEventThereIsNothingToTell() {
    assertThat(row("").payload()).isEmpty();
  }

  @Test
  void whatHappensAgainBeforeItIsWrittenIsCounted() {
    HistoryRow row = row("");
    row.repeat();
    row.repeat();

    assertThat(row.columns()).endsWith("\"metadata\": {\"delta\": 3, \"repeat_count\": 3}}");
    assertThat(row.metadata).as("each time anew").hasToString("{\"delta\": 3}");
  }

  @Test
  void itHasAnIdOnceItIsWritten() {
    HistoryRow row = row("");
    assertThat(row.id()).isZero();
    row.written(42);
    assertThat(row.id()).isEqualTo(42);
  }
}
