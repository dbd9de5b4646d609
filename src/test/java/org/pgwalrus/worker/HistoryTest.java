package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.StateField;

/** Rows get into the table sooner or later, and nothing that happens to it is thrown at anybody. */
class HistoryTest {

  private static final String MISSING =
      "pg_walrus: history table does not exist, skipping history insert";

  private final FakeServer server = new FakeServer();
  private final FakeDatabase database = server.database;
  private final History history = new History(server, new Events(server));

  private static HistoryRow row(String action, int newMb, String event) {
    return new HistoryRow(action, 1024, newMb, "reason", new Json(), event, 3, 300, 0);
  }

  private static HistoryRow row(int newMb) {
    return row("increase", newMb, "adjustment");
  }

  private void add(HistoryRow row) {
    history.add(row, server.nanos);
  }

  private void retryAfter(double seconds) {
    server.pass(seconds);
    history.retry(server.nanos);
  }

  private long pending() {
    return server.state().get(StateField.HISTORY_PENDING);
  }

  @Test
  void aRowIsWrittenAtOnceWithItsEventInOneStatement() {
    HistoryRow row = row(4096);
    add(row);

    assertThat(database.sent(FakeDatabase.INSERT))
        .singleElement()
        .satisfies(statement -> {
          assertThat(statement.first()).isEqualTo(row.columns());
          assertThat(statement.second()).isEqualTo(row.payload());
        });
    assertThat(row.id()).isEqualTo(1);
    assertThat(pending()).isZero();
    assertThat(server.log).isEmpty();
  }

  @Test
  void withoutAChannelThereIsNoEvent() {
    server.set(OperationSettings.NOTIFY_CHANNEL, "");
    add(row(4096));

    assertThat(database.sent(FakeDatabase.INSERT).getFirst().second()).isEmpty();
  }

  @Test
  void aDryRunIsAnnouncedOnlyToThoseWhoWantIt() {
    add(row("dry_run", 4096, "dry_run"));
    server.set(OperationSettings.NOTIFY_DRY_RUN, true);
    add(row("dry_run", 4096, "dry_run"));

    assertThat(database.sent(FakeDatabase.INSERT))
        .extracting(statement -> statement.second().isEmpty())
        .containsExactly(true, false);
  }

  @Test
  void aMissingTableIsToldOnceWithTheDatabaseWhereItShouldBe() {
    server.set(Settings.DATABASE, "ops");
    database.dropHistory();
    add(row(2048));
    add(row(4096));

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING,
                MISSING,
                "",
                "Run CREATE EXTENSION pg_walrus in database \"ops\", which walrus.database names."));
    assertThat(database.rows()).isEmpty();
    assertThat(pending()).isEqualTo(2);
  }

  @Test
  void aTableThatIsMissingAgainIsToldAgain() {
    database.dropHistory();
    add(row(2048));
    database.createHistory();
    retryAfter(60);
    database.dropHistory();
    add(row(4096));

    assertThat(server.warnings()).containsExactly(MISSING, MISSING);
  }

  @Test
  void rowsThatHadToWaitAreWrittenInTheirOrderOnceAMinute() {
    database.dropHistory();
    HistoryRow first = row(2048);
    HistoryRow second = row(4096);
    add(first);
    add(second);
    database.createHistory();

    retryAfter(59.9);
    assertThat(database.rows()).isEmpty();
    retryAfter(0.1);
    assertThat(database.rows()).containsExactly(first.columns(), second.columns());
    assertThat(pending()).isZero();
    retryAfter(60);
    assertThat(database.rows()).as("each once").hasSize(2);
  }

  @Test
  void aNewRowTakesThoseThatWaitAlongAndComesAfterThem() {
    database.dropHistory();
    HistoryRow first = row(2048);
    add(first);
    database.createHistory();
    HistoryRow second = row(4096);
    add(second);

    assertThat(database.rows()).containsExactly(first.columns(), second.columns());
  }

  @Test
  void aHundredRowsWaitAndTheOldestMakeRoom() {
    database.dropHistory();
    for (int i = 0; i <= History.MOST_PENDING; i++) {
      add(row(2000 + i));
    }
    assertThat(pending()).isEqualTo(100);
    database.createHistory();
    retryAfter(60);

    assertThat(database.rows()).hasSize(100);
    assertThat(database.rows().getFirst()).isEqualTo(row(2001).columns());
    assertThat(database.rows().getLast()).isEqualTo(row(2100).columns());
  }

  @ParameterizedTest
  @CsvSource({
    "increase, 4096, failed to log history",
    "capped, 4096, failed to log history",
    "decrease, 512, failed to log history",
    "skipped, 4096, failed to log skipped history",
    "skipped, 512, failed to log skipped shrink history",
    "dry_run, 4096, failed to log dry-run history"
  })
  void aFailureIsToldWithWhatWasNotLogged(String action, int newMb, String text) {
    database.fail(FakeDatabase.INSERT, "53100", "disk is full");
    add(row(action, newMb, ""));

    assertThat(server.warnings()).containsExactly("pg_walrus: " + text + ": disk is full");
    assertThat(pending()).isEqualTo(1);
  }

  @Test
  void theSameFailureIsToldOnceUntilSomethingWasWritten() {
    database.fail(FakeDatabase.INSERT, "53100", "disk is full");
    add(row(2048));
    retryAfter(60);
    assertThat(server.warnings()).hasSize(1);

    database.fail(FakeDatabase.INSERT, "55P03", "lock timeout");
    retryAfter(60);
    assertThat(server.warnings()).hasSize(2);

    database.createHistory();
    retryAfter(60);
    database.fail(FakeDatabase.INSERT, "55P03", "lock timeout");
    add(row(4096));
    assertThat(server.warnings()).hasSize(3);
  }

  @Test
  void whatFailedHalfwayGoesOnWhereItFailed() {
    database.dropHistory();
    add(row(2048));
    add(row(4096));
    database.createHistory();
    database.answer(
        FakeDatabase.INSERT,
        statement -> {
          if (statement.first().contains("4096")) {
            throw new PgException("55P03", "lock timeout", "", "");
          }
          return "8";
        });
    retryAfter(60);
    assertThat(pending()).isEqualTo(1);

    database.createHistory();
    retryAfter(60);
    assertThat(database.rows().getLast()).isEqualTo(row(4096).columns());
    assertThat(database.rows()).filteredOn(row(2048).columns()::equals).hasSize(1);
    assertThat(pending()).isZero();
  }

  @Test
  void aTableThatCannotBeLookedForMakesRowsWait() {
    database.fail(FakeDatabase.TABLE, "57014", "canceling statement");
    add(row(2048));

    assertThat(server.warnings())
        .containsExactly("pg_walrus: failed to log history: canceling statement");
    assertThat(pending()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"23514", "22003"})
  void aRowThatTheTableWillNeverTakeDoesNotHoldUpTheNext(String sqlState) {
    database.fail(FakeDatabase.INSERT, sqlState, "no such row");
    add(row(2048));
    assertThat(pending()).isZero();

    database.createHistory();
    add(row(4096));
    assertThat(database.rows().getLast()).isEqualTo(row(4096).columns());
  }

  /** The change has been made when its row is written: it must be counted whatever happens here. */
  @Test
  void aRowThatIsTooLongIsToldAndThrowsNothing() {
    add(new HistoryRow("increase", 1, 2, "x".repeat(Frame.TEXT_SIZE), new Json(), "", 3, 300, 0));

    assertThat(server.warnings())
        .singleElement()
        .asString()
        .startsWith("pg_walrus: failed to log history: text of ");
    assertThat(pending()).isZero();
  }

  @Test
  void aRowIsWrittenWithoutItsEventIfThatIsWhatFails() {
    database.answer(
        FakeDatabase.INSERT,
        statement -> {
          if (!statement.second().isEmpty()) {
            throw new PgException("54000", "too many notifications", "", "");
          }
          return "9";
        });
    HistoryRow row = row(4096);
    add(row);

    assertThat(row.id()).isEqualTo(9);
    assertThat(pending()).isZero();
    assertThat(server.warnings())
        .containsExactly("pg_walrus: failed to announce a change: too many notifications");
  }

  /** It would be waited for a second time, and in vain. */
  @ParameterizedTest
  @ValueSource(strings = {"55P03", "57014"})
  void aRowThatHadToWaitTooLongIsNotTriedAgainWithoutItsEvent(String sqlState) {
    database.fail(FakeDatabase.INSERT, sqlState, "too late");
    add(row(4096));

    assertThat(database.sent(FakeDatabase.INSERT)).hasSize(1);
    assertThat(pending()).isEqualTo(1);
  }

  /** The signal that ends the worker ends its statement: there is time for one more. */
  @Test
  void aRowThatASignalInterruptsIsWrittenAllTheSame() {
    server.interruptPending = true;
    database.answer(
        FakeDatabase.INSERT,
        _ -> {
          database.answer(FakeDatabase.INSERT, "9");
          throw new PgException("57014", "canceling statement", "", "");
        });
    HistoryRow row = row(4096);
    add(row);

    assertThat(row.id()).isEqualTo(9);
    assertThat(pending()).isZero();
    assertThat(server.log).isEmpty();
  }

  @Test
  void aRowThatIsInterruptedWithoutASignalWaits() {
    database.fail(FakeDatabase.INSERT, "57014", "canceling statement");
    add(row(4096));

    assertThat(database.sent(FakeDatabase.INSERT)).hasSize(1);
    assertThat(pending()).isEqualTo(1);
  }

  @Test
  void itIsBehindAsLongAsRowsWait() {
    assertThat(history.isBehind()).isFalse();
    database.dropHistory();
    add(row(4096));
    assertThat(history.isBehind()).isTrue();
    database.createHistory();
    retryAfter(60);
    assertThat(history.isBehind()).isFalse();
  }

  @Test
  void afterAResetTheRowsThatWaitAreForgotten() {
    database.dropHistory();
    add(row(4096));
    history.forget();
    database.createHistory();
    retryAfter(60);

    assertThat(database.rows()).isEmpty();
    assertThat(pending()).isZero();
  }

  @Test
  void aRepeatedRowIsCountedInPlace() {
    HistoryRow row = row("skipped", 4096, "");
    add(row);

    assertThat(history.repeated(row)).isTrue();
    assertThat(database.sent(FakeDatabase.REPEAT))
        .singleElement()
        .satisfies(statement -> assertThat(statement.first()).isEqualTo("1"));
  }

  @Test
  void aRepeatedRowThatSomebodyDeletedIsNoLongerThere() {
    HistoryRow row = row("skipped", 4096, "");
    add(row);
    database.answer(FakeDatabase.REPEAT, (String) null);

    assertThat(history.repeated(row)).isFalse();
  }

  @Test
  void aRepeatedRowThatStillWaitsIsCountedWhereItWaits() {
    database.dropHistory();
    HistoryRow row = row("skipped", 4096, "");
    add(row);

    assertThat(history.repeated(row)).isTrue();
    assertThat(history.repeated(row)).isTrue();
    database.createHistory();
    retryAfter(60);

    assertThat(database.rows()).singleElement().asString().contains("\"repeat_count\": 3");
  }

  @Test
  void aRepeatedRowThatNeverGotAPlaceIsNotThere() {
    assertThat(history.repeated(row("skipped", 4096, ""))).isFalse();
  }

  @Test
  void aCountThatFailsIsToldAndNoReasonForAnotherRow() {
    HistoryRow row = row("skipped", 512, "");
    add(row);
    database.dropHistory();

    assertThat(history.repeated(row)).isTrue();
    assertThat(server.warnings())
        .containsExactly(
            "pg_walrus: failed to log skipped shrink history: relation \"walrus.history\" does not"
                + " exist");
  }

  @Test
  void aWrittenRowIsAmendedInTheTable() {
    HistoryRow row = row(4096);
    add(row);
    history.amend(row, new Json().put("effective", true));

    assertThat(database.sent(FakeDatabase.UPDATE))
        .singleElement()
        .satisfies(statement -> {
          assertThat(statement.first()).isEqualTo("1");
          assertThat(statement.second()).isEqualTo("{\"effective\": true}");
        });
  }

  @Test
  void aRowThatWaitsIsAmendedWhereItWaits() {
    database.dropHistory();
    HistoryRow row = row(4096);
    add(row);
    history.amend(row, new Json().put("effective", false));
    database.createHistory();
    retryAfter(60);

    assertThat(database.rows())
        .singleElement()
        .asString()
        .contains("\"metadata\": {\"effective\": false}");
    assertThat(database.sent(FakeDatabase.UPDATE)).isEmpty();
  }

  @Test
  void anAmendmentThatFailsIsTold() {
    HistoryRow row = row(4096);
    add(row);
    database.dropHistory();
    history.amend(row, new Json().put("effective", true));

    assertThat(server.warnings())
        .containsExactly(
            "pg_walrus: failed to log history: relation \"walrus.history\" does not exist");
  }

  @Test
  void theRowsThatAnEarlierWorkerCouldNotWriteAreLostAndThatIsKnown() {
    assertThat(history.wasBehind()).isFalse();
    server.state().set(StateField.HISTORY_PENDING, 7);
    History next = new History(server, new Events(server));

    assertThat(next.wasBehind()).isTrue();
    assertThat(next.isBehind()).isFalse();
    assertThat(pending()).isZero();
  }
}
