package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.OperationSettings;

/** Old rows go, a batch at a time. */
class RetentionTest {

  private final FakeServer server = new FakeServer();
  private final History history = new History(server, new Events(server));
  private final Retention retention = new Retention(server, history);

  private int deletes() {
    return server.database.sent(FakeDatabase.DELETE).size();
  }

  private void clean() {
    retention.clean(server.nanos);
  }

  private void deletedRows(String... batches) {
    ArrayDeque<String> left = new ArrayDeque<>(List.of(batches));
    server.database.answer(FakeDatabase.DELETE, _ -> left.removeFirst());
  }

  @Test
  void itCleansAtOnceAndThenOnceAnHour() {
    clean();
    assertThat(deletes()).isEqualTo(1);
    server.pass(3599.9);
    clean();
    assertThat(deletes()).isEqualTo(1);
    server.pass(0.1);
    clean();
    assertThat(deletes()).isEqualTo(2);
  }

  @Test
  void theDaysAreThoseOfTheMoment() {
    clean();
    server.set(OperationSettings.HISTORY_RETENTION, 0);
    server.pass(3600);
    clean();

    assertThat(server.database.sent(FakeDatabase.DELETE))
        .extracting(FakeDatabase.Statement::first)
        .containsExactly("7", "0");
  }

  @Test
  void itGoesOnUntilABatchIsNotFull() {
    deletedRows("10000", "10000", "9999");
    clean();

    assertThat(deletes()).isEqualTo(3);
  }

  @Test
  void itStopsForASignalAndDoesTheRestAnHourLater() {
    server.interruptPending = true;
    deletedRows("10000", "10000");
    clean();

    assertThat(deletes()).isEqualTo(1);
  }

  @Test
  void aFailureIsAWarningAndTriedAgainAnHourLater() {
    server.database.fail(FakeDatabase.DELETE, "55P03", "lock timeout");
    clean();
    clean();

    assertThat(server.warnings())
        .containsExactly("pg_walrus: failed to cleanup history: lock timeout");
    server.pass(3600);
    clean();
    assertThat(server.warnings()).hasSize(2);
  }

  @Test
  void aTableThatCannotBeWrittenIsCleanedLater() {
    server.database.fail(FakeDatabase.INSERT, "55P03", "lock timeout");
    history.add(new HistoryRow("increase", 1, 2, "", new Json(), "", 0, 300, 0), server.nanos);
    clean();
    assertThat(deletes()).isZero();

    server.database.createHistory();
    server.pass(60);
    history.retry(server.nanos);
    clean();
    assertThat(deletes()).isEqualTo(1);
  }

  @Test
  void aMissingTableNeedsNoCleaning() {
    server.database.dropHistory();
    clean();

    assertThat(deletes()).isZero();
    assertThat(server.log).isEmpty();
  }
}
