package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.worker.Examples.EVIDENCE;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Block;
import org.pgwalrus.sizing.Change;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Limit;
import org.pgwalrus.sizing.Stay;
import org.pgwalrus.sizing.Trigger;

/** A decision is written, counted, recorded and announced, as far as it asks for that. */
class ExecutorTest {

  private final FakeServer server = new FakeServer();
  private final Events events = new Events(server);
  private final SizeWriter writer = new SizeWriter(server);
  private final History history = new History(server, events);
  private final Executor executor =
      new Executor(server, new DecisionLog(server), writer, history, events);

  private boolean carryOut(Decision decision) {
    return executor.carryOut(decision, Examples.circumstances(), server.nanos);
  }

  private boolean resize(Change change) {
    return carryOut(new Decision.Resize(EVIDENCE, change, false));
  }

  private void skip(Change change, Block block) {
    assertThat(carryOut(new Decision.Blocked(EVIDENCE, change, block, false))).isFalse();
  }

  private long state(StateField field) {
    return server.state().get(field);
  }

  @Test
  void anIncreaseIsToldWrittenCountedAndRecorded() {
    assertThat(resize(Examples.GROWTH)).isTrue();

    assertThat(server.messages(Level.LOG))
        .containsExactly(
            "pg_walrus: detected 5 forced checkpoints over 300 seconds",
            "pg_walrus: resizing max_wal_size from 1024 MB to 6144 MB");
    assertThat(server.written).containsExactly(6144);
    assertThat(server.reloads).isEqualTo(1);
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isEqualTo(1);
    assertThat(state(StateField.TOTAL_INCREASES)).isEqualTo(1);
    assertThat(state(StateField.TOTAL_CAPPED)).isZero();
    assertThat(state(StateField.TOTAL_DECREASES)).isZero();
    assertThat(state(StateField.LAST_ADJUSTMENT_TIME)).isEqualTo(FakeServer.WALL_MICROS);
    assertThat(server.database.rows())
        .singleElement()
        .asString()
        .contains("\"action\": \"increase\"");
  }

  @Test
  void aCappedIncreaseIsCountedAsBoth() {
    resize(Examples.CAPPED);

    assertThat(state(StateField.TOTAL_INCREASES)).isEqualTo(1);
    assertThat(state(StateField.TOTAL_CAPPED)).isEqualTo(1);
  }

  @Test
  void aDecreaseIsCountedAsSuch() {
    assertThat(resize(Examples.SHRINK)).isTrue();

    assertThat(server.messages(Level.LOG))
        .containsExactly("pg_walrus: shrinking max_wal_size from 4096 MB to 3072 MB");
    assertThat(server.written).containsExactly(3072);
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isEqualTo(1);
    assertThat(state(StateField.TOTAL_DECREASES)).isEqualTo(1);
    assertThat(state(StateField.TOTAL_INCREASES)).isZero();
  }

  /** Whatever happens to the history, the size is in the file by then. */
  @Test
  void theReloadIsAskedForBeforeTheHistoryIsTouched() {
    server.database.answer(
        FakeDatabase.INSERT,
        _ -> {
          assertThat(server.reloads).isEqualTo(1);
          assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isEqualTo(1);
          return "1";
        });
    resize(Examples.GROWTH);

    assertThat(server.database.rows()).hasSize(1);
  }

  @Test
  void aHistoryThatFailsDoesNotUndoAnything() {
    server.database.fail(FakeDatabase.INSERT, "53100", "disk is full");

    assertThat(resize(Examples.GROWTH)).isTrue();
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isEqualTo(1);
    assertThat(server.warnings()).containsExactly("pg_walrus: failed to log history: disk is full");
  }

  @Test
  void aRefusedWriteIsToldAndNeitherCountedNorRecorded() {
    server.refusal = new PgException("58030", "disk is full", "", "");

    assertThat(resize(Examples.GROWTH)).isFalse();
    assertThat(resize(Examples.SHRINK)).isFalse();
    assertThat(server.warnings())
        .containsExactly(
            "pg_walrus: failed to execute ALTER SYSTEM, will retry next cycle: disk is full",
            "pg_walrus: failed to execute ALTER SYSTEM for shrink, will retry next cycle: disk is"
                + " full");
    assertThat(state(StateField.APPLY_FAILURES)).isEqualTo(2);
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isZero();
    assertThat(state(StateField.LAST_ADJUSTMENT_TIME)).isZero();
    assertThat(server.database.rows()).isEmpty();
  }

  @Test
  void theRowLearnsThatItsSizeIsInForce() {
    resize(Examples.GROWTH);
    writer.verify(true, server.nanos);

    assertThat(server.database.sent(FakeDatabase.UPDATE))
        .singleElement()
        .satisfies(statement -> assertThat(statement.second()).isEqualTo("{\"effective\": true}"));
    assertThat(server.database.events()).isEmpty();
  }

  @Test
  void aSizeWithoutEffectIsNotedInItsRowAndAnnounced() {
    server.obeys = false;
    server.database.answer(FakeDatabase.SOURCE, "command line");
    resize(Examples.GROWTH);
    writer.verify(true, server.nanos);

    assertThat(server.database.sent(FakeDatabase.UPDATE).getFirst().second())
        .isEqualTo("{\"effective\": false}");
    assertThat(server.database.events())
        .containsExactly(
            "{\"written_size_mb\": 6144, \"effective_size_mb\": 1024, \"reason\": \"command"
                + " line\", \"event\": \"apply_blocked\", \"id\": null}");
  }

  @Test
  void aTrialIsToldCountedAndRecordedButNotWritten() {
    assertThat(carryOut(new Decision.Trial(EVIDENCE, Examples.GROWTH, false))).isFalse();

    assertThat(server.messages(Level.LOG))
        .containsExactly(
            "pg_walrus [DRY-RUN]: would change max_wal_size from 1024 MB to 6144 MB (threshold"
                + " exceeded)");
    assertThat(server.written).isEmpty();
    assertThat(state(StateField.TOTAL_DRY_RUN)).isEqualTo(1);
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isZero();
    assertThat(server.database.rows())
        .singleElement()
        .asString()
        .contains("\"action\": \"dry_run\"");
  }

  @Test
  void aBlockedChangeIsToldCountedByItsCauseAndRecorded() {
    skip(Examples.GROWTH, Examples.COOLDOWN);
    skip(Examples.SHRINK, Examples.HOURLY_LIMIT);
    skip(Examples.GROWTH, Examples.DISABLED);

    assertThat(server.messages(Level.LOG))
        .containsExactly(
            "pg_walrus: adjustment blocked - cooldown active (120 seconds remaining)",
            "pg_walrus: shrink blocked - hourly limit reached (4 of 4)",
            "pg_walrus: adjustment blocked - hourly limit reached (0 of 4)");
    assertThat(state(StateField.TOTAL_SKIPPED_COOLDOWN)).isEqualTo(1);
    assertThat(state(StateField.TOTAL_SKIPPED_HOURLY_LIMIT)).isEqualTo(2);
    assertThat(server.database.rows())
        .hasSize(3)
        .allSatisfy(row -> assertThat(row).contains("\"action\": \"skipped\""));
    assertThat(server.written).isEmpty();
  }

  @Test
  void aServerThatStaysBlockedGetsOneRowThatCounts() {
    skip(Examples.GROWTH, Examples.COOLDOWN);
    skip(Examples.GROWTH, Examples.COOLDOWN);
    skip(Examples.GROWTH, Examples.COOLDOWN);

    assertThat(server.database.rows()).hasSize(1);
    assertThat(server.database.sent(FakeDatabase.REPEAT)).hasSize(2);
    assertThat(state(StateField.TOTAL_SKIPPED_COOLDOWN)).isEqualTo(3);
    assertThat(server.messages(Level.LOG)).hasSize(3);
  }

  @Test
  void anotherCauseOrAnotherDirectionGetsAnotherRow() {
    skip(Examples.GROWTH, Examples.COOLDOWN);
    skip(Examples.GROWTH, Examples.HOURLY_LIMIT);
    skip(Examples.SHRINK, Examples.HOURLY_LIMIT);

    assertThat(server.database.rows()).hasSize(3);
  }

  @Test
  void afterAChangeATrialOrAResetBlockingStartsAnew() {
    skip(Examples.GROWTH, Examples.COOLDOWN);
    resize(Examples.GROWTH);
    skip(Examples.GROWTH, Examples.COOLDOWN);
    carryOut(new Decision.Trial(EVIDENCE, Examples.GROWTH, false));
    skip(Examples.GROWTH, Examples.COOLDOWN);
    executor.forget();
    skip(Examples.GROWTH, Examples.COOLDOWN);

    assertThat(server.database.sent(FakeDatabase.REPEAT)).isEmpty();
    assertThat(server.database.rows())
        .filteredOn(row -> row.contains("\"action\": \"skipped\""))
        .hasSize(4);
  }

  /** The row that counted went with the table: the blocking goes on in a new one. */
  @Test
  void aTableThatIsDroppedAndCreatedAgainGetsARowOfItsOwn() {
    skip(Examples.GROWTH, Examples.COOLDOWN);
    server.database.dropHistory();
    skip(Examples.GROWTH, Examples.COOLDOWN);
    server.database.createHistory();
    skip(Examples.GROWTH, Examples.COOLDOWN);

    assertThat(server.database.rows()).hasSize(2);
  }

  /** Or the rows that wait would soon be nothing else. */
  @Test
  void withoutATableTheSameBlockingWaitsAsOneRow() {
    server.database.dropHistory();
    for (int i = 0; i < 200; i++) {
      skip(Examples.GROWTH, Examples.COOLDOWN);
    }

    assertThat(state(StateField.HISTORY_PENDING)).isEqualTo(1);
  }

  @Test
  void whatAsksForNothingDoesNothing() {
    assertThat(carryOut(new Decision.Waiting())).isFalse();
    assertThat(
            carryOut(
                new Decision.Quiet(EVIDENCE, 1, new Stay(Stay.Reason.COUNTING, 1024, 1024, 1024))))
        .isFalse();

    assertThat(server.log).isEmpty();
    assertThat(server.database.rows()).isEmpty();
  }

  @Test
  void aCeilingThatIsReachedIsAnnouncedOnce() {
    String event = "{\"ceiling_mb\": 4096, \"event\": \"ceiling_reached\", \"id\": null}";
    carryOut(new Decision.Resize(EVIDENCE, Examples.CAPPED, true));
    assertThat(server.database.events()).containsExactly(event);
    carryOut(new Decision.AlreadyThere(EVIDENCE, 4096, 4096, 9000, Limit.MAX, true));
    assertThat(server.database.events()).containsExactly(event, event);

    carryOut(new Decision.Resize(EVIDENCE, Examples.CAPPED, false));
    carryOut(new Decision.AlreadyThere(EVIDENCE, 4096, 4096, 9000, Limit.MAX, false));
    carryOut(new Decision.AlreadyThere(EVIDENCE, 4096, 4096, 9000, Limit.DISK, true));
    carryOut(
        new Decision.Resize(
            EVIDENCE,
            Examples.growth(Change.Kind.INCREASE, Trigger.REACTIVE, 2048, Limit.DISK),
            true));
    assertThat(server.database.events()).hasSize(2);
  }

  /** A profile may set another than walrus.max. */
  @Test
  void theCeilingThatIsAnnouncedIsTheOneThatThePolicyHas() {
    server.set(Settings.MAX, 9999);
    carryOut(new Decision.Resize(EVIDENCE, Examples.CAPPED, true));

    assertThat(server.database.events().getFirst()).contains("\"ceiling_mb\": 4096");
  }
}
