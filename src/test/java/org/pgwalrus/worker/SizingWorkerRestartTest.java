package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.GrowthSettings;
import org.pgwalrus.backend.LimitSettings;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.SharedStates;
import org.pgwalrus.backend.ShrinkSettings;
import org.pgwalrus.backend.StateField;

/** What outlives a worker, and what walrus.reset() ends. */
class SizingWorkerRestartTest {

  private final FakeServer server = new FakeServer();
  private SizingWorker worker = new SizingWorker(server);

  @BeforeEach
  void begin() {
    server.set(GrowthSettings.EARLY_REACTION, false);
    server.set(Settings.MAX, 1_000_000);
    server.set(LimitSettings.COOLDOWN, 1000);
    server.state().set(StateField.GENERATION, 1);
    worker.cycle(false);
  }

  private long state(StateField field) {
    return server.state().get(field);
  }

  private void interval(int forced) {
    server.force(forced);
    server.pass(300);
    worker.cycle(false);
    worker.cycle(true);
  }

  /** Another worker on the same shared memory. */
  private void restart() {
    server.state().increment(StateField.GENERATION);
    worker = new SizingWorker(server);
    worker.cycle(false);
  }

  @Test
  void aRestartedWorkerTakesANewBaselineAndKeepsRatesLedgersAndCounters() {
    interval(3);
    server.force(20);
    restart();

    assertThat(server.log.getLast().message())
        .isEqualTo("pg_walrus: established baseline checkpoint count: 80");
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isEqualTo(1);
    assertThat(state(StateField.RATE_SAMPLE_COUNT)).isEqualTo(1);
    assertThat(state(StateField.APPLIED_COUNT)).isEqualTo(1);
    interval(30);
    assertThat(server.written).as("the cooldown goes on").hasSize(1);
    assertThat(state(StateField.RATE_SAMPLE_COUNT)).isEqualTo(2);
  }

  /** The memory is new, and so is the count of workers. */
  @Test
  void afterACrashTheRateLimitIsRestoredFromTheHistory() {
    server.database.answer(FakeDatabase.LAST_HOUR, "600");
    SharedStates.reset(server.state());
    server.state().set(StateField.GENERATION, 0);
    restart();

    assertThat(state(StateField.APPLIED_COUNT)).isEqualTo(1);
    interval(30);
    assertThat(server.written).isEmpty();
    assertThat(state(StateField.TOTAL_SKIPPED_COOLDOWN)).isEqualTo(1);
  }

  @Test
  void afterAPromotionTheSizeOfTheOldPrimaryIsTakenOver() {
    server.database.answer(FakeDatabase.TIMELINE, "2");
    server.database.answer(FakeDatabase.BEFORE_PROMOTION, "8192");
    restart();

    assertThat(server.written).containsExactly(8192);
    assertThat(server.database.rows())
        .singleElement()
        .asString()
        .contains("\"source\": \"warm_start\", \"timeline\": 2");
  }

  @Test
  void aServerThatDoesNotTellItsTimelineIsSizedAllTheSame() {
    server.database.fail(FakeDatabase.TIMELINE, "57014", "canceling statement");
    restart();
    interval(3);

    assertThat(server.written).hasSize(1);
  }

  @Test
  void aResetEndsWhatWasMeasuredAndCountedAndBeginsWithANewBaseline() {
    interval(3);
    server.force(20);
    server.pass(3);
    server.reset();
    worker.cycle(false);

    assertThat(server.log.getLast().message())
        .isEqualTo("pg_walrus: established baseline checkpoint count: 80");
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isZero();
    assertThat(state(StateField.RATE_SAMPLE_COUNT)).isZero();
    assertThat(state(StateField.APPLIED_COUNT)).isZero();
    assertThat(state(StateField.LAST_APPLIED_SEC)).isZero();
    assertThat(state(StateField.SAMPLES)).isEqualTo(1);
    interval(30);
    assertThat(server.written).as("no cooldown").hasSize(2);
  }

  @Test
  void afterAResetBlockingIsToldInARowOfItsOwn() {
    server.set(LimitSettings.MAX_CHANGES_PER_HOUR, 0);
    interval(3);
    server.reset();
    worker.cycle(false);
    interval(3);

    assertThat(server.database.rows()).hasSize(2);
    assertThat(server.database.sent(FakeDatabase.REPEAT)).isEmpty();
  }

  @Test
  void aResetForgetsTheRowsThatWait() {
    server.database.dropHistory();
    interval(3);
    server.reset();
    worker.cycle(false);
    server.database.createHistory();
    server.pass(60);
    worker.cycle(false);

    assertThat(server.database.rows()).isEmpty();
  }

  /** The row that finishes it is in the history when that is asked. */
  @Test
  void aChangeThatACrashLeftUnfinishedCountsForTheRateLimit() {
    SharedStates.reset(server.state());
    server.state().set(StateField.GENERATION, 0);
    server.database.answer(FakeDatabase.UNRECORDED, "4096 1024");
    server.database.answer(
        FakeDatabase.LAST_HOUR, _ -> server.database.rows().isEmpty() ? null : "0");
    restart();

    assertThat(server.written).containsExactly(4096);
    assertThat(state(StateField.APPLIED_COUNT)).isEqualTo(1);
  }

  @Test
  void theShareOfFullPageImagesIsMeasuredFromTheStart() {
    server.database.answer(FakeDatabase.SURROUNDINGS, "0 0 0 0 1000 4000");
    restart();
    server.database.answer(FakeDatabase.SURROUNDINGS, "0 0 0 0 4000 8000");
    interval(0);

    assertThat(server.state().real(StateField.FPI_SHARE)).isEqualTo(0.75);
  }

  @Test
  void aResetWhileSizingIsOffIsSeenWhenItIsOnAgain() {
    interval(3);
    server.set(Settings.ENABLE, false);
    worker.cycle(true);
    server.reset();
    assertThat(worker.cycle(false)).isEqualTo(SizingWorker.IDLE_MILLIS);
    server.set(Settings.ENABLE, true);
    worker.cycle(true);
    interval(30);

    assertThat(server.written).hasSize(2);
  }

  /** They are what is, not what was counted: the worker would not tell them again. */
  @Test
  void aResetLeavesWhatStillHolds() {
    server.set(OperationSettings.PROFILES, "[day]");
    server.database.answer(FakeDatabase.PROFILE_COUNT, "1");
    server.database.answer(FakeDatabase.PROFILE, "day;6;22;Mon;;;;8192;;".replace(';', '\u001f'));
    server.set(ShrinkSettings.MIN_SIZE, 2_000_000);
    worker.cycle(true);
    server.alterSystemAllowed = false;
    interval(3);
    server.reset();
    worker.cycle(false);

    assertThat(server.state().text(StateField.ACTIVE_PROFILE)).isEqualTo("day");
    assertThat(server.state().text(StateField.CONFIG_WARNINGS)).contains("walrus.min_size");
    assertThat(server.state().text(StateField.APPLY_BLOCKED)).isEqualTo("allow_alter_system");
  }

  @Test
  void aRestartedWorkerDoesNotShowWhatNoLongerHolds() {
    server.set(ShrinkSettings.MIN_SIZE, 2_000_000);
    worker.cycle(true);
    server.alterSystemAllowed = false;
    interval(3);

    server.set(ShrinkSettings.MIN_SIZE, 1024);
    server.alterSystemAllowed = true;
    restart();
    assertThat(server.state().text(StateField.CONFIG_WARNINGS)).isEqualTo("[]");
    assertThat(server.state().text(StateField.APPLY_BLOCKED)).isEmpty();
  }
}
