package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.StateField;

/** A size in the file that nobody has recorded, or that nobody has seen in force. */
class UnfinishedTest {

  private final FakeServer server = new FakeServer();
  private final SizeWriter writer = new SizeWriter(server);

  @BeforeEach
  void crash() {
    server.state().set(StateField.GENERATION, 1);
  }

  /** The size in the file, and the one before it. */
  private void unrecorded(String sizes) {
    server.database.answer(FakeDatabase.UNRECORDED, sizes);
  }

  private void finish() {
    Events events = new Events(server);
    History history = new History(server, events);
    Look look =
        new Observer(server, new PolicyReader(server), new Profiles(server, events))
            .look(server.nanos);
    new Unfinished(server, writer, history).finish(look, Examples.circumstances());
  }

  private String metadata() {
    assertThat(server.database.rows()).hasSize(1);
    String row = server.database.rows().getFirst();
    return row.substring(row.indexOf("\"metadata\""));
  }

  @Test
  void whereNothingIsUnfinishedNothingIsDone() {
    finish();

    assertThat(server.written).isEmpty();
    assertThat(server.database.rows()).isEmpty();
    assertThat(server.log).isEmpty();
  }

  @Test
  void aSizeThatWasNotLoadedIsWrittenAgainLoadedAndRecorded() {
    unrecorded("4096 1024");
    finish();

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.LOG,
                "pg_walrus: finishing the change of max_wal_size from 1024 MB to 4096 MB",
                "It is in postgresql.auto.conf, and the worker that wrote it did not record it.",
                ""));
    assertThat(server.written).containsExactly(4096);
    assertThat(server.reloads).isEqualTo(1);
    assertThat(server.database.rows().getFirst())
        .contains("\"action\": \"increase\", \"old_size_mb\": 1024, \"new_size_mb\": 4096");
    assertThat(metadata())
        .isEqualTo("\"metadata\": {\"source\": \"unfinished\", \"timeline\": 7}}");

    writer.verify(true, server.nanos);
    assertThat(server.database.sent(FakeDatabase.UPDATE).getFirst().second())
        .isEqualTo("{\"effective\": true}");
  }

  @Test
  void aSizeThatIsInForceIsOnlyRecorded() {
    server.maxWalSizeMb = 4096;
    unrecorded("4096 8192");
    finish();

    assertThat(server.written).isEmpty();
    assertThat(server.database.rows().getFirst()).contains("\"action\": \"decrease\"");
    assertThat(metadata()).endsWith("\"timeline\": 7, \"effective\": true}}");
  }

  @Test
  void aSizeThatCannotBeWrittenIsNotRecorded() {
    server.refusal = new PgException("58030", "disk is full", "", "");
    unrecorded("4096 1024");
    finish();

    assertThat(server.database.rows()).isEmpty();
  }

  @Test
  void theNewestChangeIsConfirmedIfItsSizeIsInForce() {
    finish();

    assertThat(server.database.sent(FakeDatabase.CONFIRM))
        .singleElement()
        .satisfies(statement -> {
          assertThat(statement.first()).isEqualTo("1024");
          assertThat(statement.second()).isEqualTo("7");
        });
  }

  /** Only a file that was written just before the crash is looked at. */
  @Test
  void afterACrashTheTimeOfItIsPartOfTheQuestion() {
    server.statsResetMicros = 123;
    finish();

    assertThat(server.database.sent(FakeDatabase.UNRECORDED))
        .singleElement()
        .satisfies(statement -> {
          assertThat(statement.first()).isEqualTo("123");
          assertThat(statement.second()).isEqualTo("7");
        });
  }

  @Test
  void aRestartedWorkerAsksOnlyIfTheOneBeforeItCouldNotWriteItsRows() {
    server.state().set(StateField.GENERATION, 2);
    finish();
    assertThat(server.database.sent(FakeDatabase.UNRECORDED)).isEmpty();

    server.state().set(StateField.HISTORY_PENDING, 1);
    finish();
    assertThat(server.database.sent(FakeDatabase.UNRECORDED))
        .singleElement()
        .satisfies(statement -> assertThat(statement.first()).as("whenever").isEmpty());
  }

  @Test
  void withoutATableNobodyKnows() {
    server.database.dropHistory();
    unrecorded("4096 1024");
    finish();

    assertThat(server.written).isEmpty();
    assertThat(server.log).isEmpty();
  }

  @Test
  void aQuestionThatFailsIsAWarning() {
    server.database.fail(FakeDatabase.UNRECORDED, "57014", "canceling statement");
    finish();

    assertThat(server.warnings())
        .containsExactly("pg_walrus: could not look for an unfinished change: canceling statement");
    assertThat(server.written).isEmpty();
  }
}
