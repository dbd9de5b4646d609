package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.GrowthSettings;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.LimitSettings;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.ShrinkSettings;
import org.pgwalrus.backend.StateField;

/** What decisions lead to. An interval of 300 s is one step; nothing comes early. */
class SizingWorkerChangesTest {

  private final FakeServer server = new FakeServer();
  private final SizingWorker worker = new SizingWorker(server);

  @BeforeEach
  void takeTheTime() {
    server.set(GrowthSettings.EARLY_REACTION, false);
    worker.cycle(false);
  }

  private long state(StateField field) {
    return server.state().get(field);
  }

  /** An interval with this many forced checkpoints, and the reload that a change asks for. */
  private void interval(int forced) {
    server.force(forced);
    server.pass(300);
    int reloads = server.reloads;
    worker.cycle(false);
    if (server.reloads > reloads) {
      worker.cycle(true);
    }
  }

  private void quiet(int intervals) {
    for (int i = 0; i < intervals; i++) {
      interval(0);
    }
  }

  /** Sizes come from what is set alone. */
  private void measureNothing() {
    server.set(GrowthSettings.TARGET_PERCENTILE, 1.0);
  }

  @Test
  void aGrowthIsWrittenRecordedAndSeenInForce() {
    interval(3);

    assertThat(server.written).containsExactly(4096);
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isEqualTo(1);
    assertThat(state(StateField.PENDING_SIZE_MB)).isZero();
    assertThat(state(StateField.CURRENT_RECOMMENDATION_MB)).isEqualTo(4096);
    assertThat(server.database.rows()).hasSize(1);
    assertThat(server.database.sent(FakeDatabase.UPDATE).getFirst().second())
        .isEqualTo("{\"effective\": true}");
  }

  @Test
  void afterQuietIntervalsTheSizeShrinksAndTheCountBeginsAnew() {
    measureNothing();
    server.maxWalSizeMb = 4096;
    quiet(4);
    assertThat(server.written).isEmpty();
    quiet(1);

    assertThat(server.written).containsExactly(3072);
    assertThat(state(StateField.QUIET_INTERVALS)).isZero();
    assertThat(server.messages(Level.LOG))
        .containsExactly("pg_walrus: shrinking max_wal_size from 4096 MB to 3072 MB");
    assertThat(server.database.rows().getFirst()).contains("\"quiet_intervals\": 5");
  }

  @Test
  void aShrinkThatTheServerRefusesIsTriedAgainWithTheNextInterval() {
    measureNothing();
    server.maxWalSizeMb = 4096;
    server.refusal = new PgException("58030", "disk is full", "", "");
    quiet(5);
    assertThat(state(StateField.QUIET_INTERVALS)).isEqualTo(5);

    server.refusal = null;
    quiet(1);
    assertThat(server.written).containsExactly(3072);
  }

  @Test
  void theNextChangeWaitsForTheCooldown() {
    server.set(Settings.MAX, 1_000_000);
    server.set(LimitSettings.COOLDOWN, 301);
    interval(3);
    interval(30);
    assertThat(server.written).hasSize(1);
    assertThat(server.messages(Level.LOG))
        .contains("pg_walrus: adjustment blocked - cooldown active (1 seconds remaining)");
    assertThat(state(StateField.TOTAL_SKIPPED_COOLDOWN)).isEqualTo(1);
    assertThat(server.state().text(StateField.LIMITING_FACTOR)).isEqualTo("rate_limit");

    interval(30);
    assertThat(server.written).hasSize(2);
  }

  @Test
  void anHourHasNoMoreChangesThanAllowed() {
    server.set(Settings.MAX, Integer.MAX_VALUE);
    server.set(LimitSettings.COOLDOWN, 0);
    server.set(LimitSettings.MAX_CHANGES_PER_HOUR, 2);
    server.set(GrowthSettings.ALGORITHM, "additive");
    for (int i = 0; i < 12; i++) {
      interval(100);
    }
    assertThat(server.written).hasSize(2);
    assertThat(state(StateField.TOTAL_SKIPPED_HOURLY_LIMIT)).isEqualTo(10);
    assertThat(server.database.rows()).as("two changes, one row that counts").hasSize(3);

    interval(100);
    assertThat(server.written).as("the first change is an hour old").hasSize(3);
  }

  @Test
  void anEmergencyStopAllowsNothing() {
    server.set(LimitSettings.MAX_CHANGES_PER_HOUR, 0);
    interval(3);

    assertThat(server.written).isEmpty();
    assertThat(server.messages(Level.LOG))
        .containsExactly("pg_walrus: adjustment blocked - hourly limit reached (0 of 0)");
  }

  @Test
  void aDryRunHasALedgerOfItsOwn() {
    server.set(OperationSettings.DRY_RUN, true);
    server.set(LimitSettings.COOLDOWN, 301);
    interval(3);
    assertThat(server.messages(Level.LOG))
        .containsExactly(
            "pg_walrus [DRY-RUN]: would change max_wal_size from 1024 MB to 4096 MB (threshold"
                + " exceeded)");
    interval(3);
    assertThat(state(StateField.TOTAL_SKIPPED_COOLDOWN)).isEqualTo(1);
    assertThat(server.database.rows().getLast())
        .as("the last trial, 300 s ago")
        .contains("\"last_adjustment_time\": 9.46685177E8");
    assertThat(server.written).isEmpty();
    assertThat(state(StateField.TRIAL_COUNT)).isEqualTo(1);
    assertThat(state(StateField.APPLIED_COUNT)).isZero();

    server.set(OperationSettings.DRY_RUN, false);
    interval(3);
    assertThat(server.written).as("no real change was made yet").containsExactly(4096);
  }

  @Test
  void adviceIsADryRunForGood() {
    server.set(OperationSettings.APPLY_MODE, "advise");
    interval(3);

    assertThat(server.written).isEmpty();
    assertThat(state(StateField.TOTAL_DRY_RUN)).isEqualTo(1);
    assertThat(state(StateField.CURRENT_RECOMMENDATION_MB)).isEqualTo(4096);
  }

  @Test
  void anObstacleTurnsDecisionsIntoAdviceUntilItIsGone() {
    server.set(LimitSettings.COOLDOWN, 0);
    server.obeys = false;
    server.database.answer(FakeDatabase.SOURCE, "command line");
    interval(3);
    assertThat(server.warnings())
        .containsExactly(
            "pg_walrus: max_wal_size change to 4096 MB is not effective (source: command line)");
    interval(3);
    interval(3);
    assertThat(server.written).hasSize(1);
    assertThat(state(StateField.TOTAL_DRY_RUN)).isEqualTo(2);
    assertThat(server.warnings()).hasSize(1);

    server.obeys = true;
    server.maxWalSizeMb = 2048;
    interval(3);
    assertThat(server.written).hasSize(2);
  }

  @Test
  void aForbiddenAlterSystemTurnsDecisionsIntoAdvice() {
    server.alterSystemAllowed = false;
    interval(3);

    assertThat(server.written).isEmpty();
    assertThat(state(StateField.TOTAL_DRY_RUN)).isEqualTo(1);
    assertThat(server.state().text(StateField.APPLY_BLOCKED)).isEqualTo("allow_alter_system");
  }

  @Test
  void theCeilingIsReportedOncePerEpisode() {
    server.set(Settings.MAX, 2048);
    for (int i = 0; i < 3; i++) {
      interval(12);
    }
    assertThat(server.written).containsExactly(2048);
    assertThat(server.warnings())
        .containsExactly(
            "pg_walrus: requested max_wal_size of 13312 MB exceeds maximum of 2048 MB; using"
                + " maximum");
    assertThat(server.messages(Level.DEBUG1))
        .filteredOn("pg_walrus: max_wal_size already at maximum (2048 MB)"::equals)
        .hasSize(2);
    assertThat(state(StateField.TOTAL_CAPPED)).isEqualTo(1);

    interval(0);
    interval(12);
    assertThat(server.warnings()).as("after a quiet interval").hasSize(2);
  }

  @Test
  void aSizeAboveTheCeilingIsLeftAloneAndSaidOnce() {
    server.maxWalSizeMb = 8192;
    interval(30);
    interval(30);

    assertThat(server.written).isEmpty();
    assertThat(server.messages(Level.LOG))
        .containsExactly(
            "pg_walrus: max_wal_size (8192 MB) is above walrus.max (4096 MB) and left alone");
  }

  @Test
  void aDiskThatCannotBeLookedAtIsNotFilled() {
    server.database.fail(FakeDatabase.SURROUNDINGS, "57014", "canceling statement");
    interval(3);

    assertThat(server.written).isEmpty();
    assertThat(server.state().text(StateField.LIMITING_FACTOR)).isEqualTo("disk");
    assertThat(state(StateField.DISK_CAP_MB)).isEqualTo(1);
  }

  @Test
  void theShareOfFullPageImagesIsThatOfTheInterval() {
    server.database.answer(FakeDatabase.SURROUNDINGS, "0 0 0 0 1000 4000");
    interval(0);
    assertThat(server.state().real(StateField.FPI_SHARE)).isZero();
    server.database.answer(FakeDatabase.SURROUNDINGS, "0 0 0 0 4000 8000");
    interval(3);

    assertThat(server.state().real(StateField.FPI_SHARE)).isEqualTo(0.75);
    assertThat(server.database.rows().getFirst()).contains("\"fpi_share\": 0.75");
  }

  @Test
  void theHistoryIsCleanedWithDecisionsOnceAnHour() {
    assertThat(server.database.sent(FakeDatabase.DELETE)).isEmpty();
    quiet(12);
    assertThat(server.database.sent(FakeDatabase.DELETE)).hasSize(1);
    quiet(1);
    assertThat(server.database.sent(FakeDatabase.DELETE)).hasSize(2);
  }

  /** The rate limit is what stands between a broken history and a changed server. */
  @Test
  void aHistoryThatFailsLeavesTheRateLimitAsItIs() {
    server.set(ShrinkSettings.ENABLE, false);
    server.set(Settings.MAX, 1_000_000);
    server.set(LimitSettings.COOLDOWN, 3600);
    server.database.answer(
        FakeDatabase.INSERT,
        _ -> {
          throw new IllegalArgumentException("text of 9000 bytes is longer than 8191");
        });
    interval(3);
    interval(30);

    assertThat(server.written).hasSize(1);
    assertThat(state(StateField.APPLIED_COUNT)).isEqualTo(1);
  }

  @Test
  void rowsThatHadToWaitAreWrittenWhenTheTableIsThere() {
    server.database.dropHistory();
    interval(3);
    assertThat(state(StateField.HISTORY_PENDING)).isEqualTo(1);
    server.database.createHistory();
    server.pass(60);
    worker.cycle(false);

    assertThat(server.database.rows()).hasSize(1);
    assertThat(state(StateField.HISTORY_PENDING)).isZero();
  }
}
