package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.GrowthSettings;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.ShrinkSettings;
import org.pgwalrus.backend.StateField;

/** When the cycle does what. Intervals last 300 s, samples are 10 s apart, nothing comes early. */
class SizingWorkerTest {

  private final FakeServer server = new FakeServer();
  private final SizingWorker worker = new SizingWorker(server);

  @BeforeEach
  void takeTheTime() {
    server.set(GrowthSettings.EARLY_REACTION, false);
  }

  private long state(StateField field) {
    return server.state().get(field);
  }

  /** Runs a cycle every second, as if each second had a request, until the time has passed. */
  private void run(int seconds) {
    for (int i = 0; i < seconds; i++) {
      server.pass(1);
      worker.cycle(false);
    }
  }

  @Test
  void theFirstCycleTakesTheBaselineAtOnceAndDoesNothingElse() {
    assertThat(worker.cycle(false)).isEqualTo(10_000);

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.DEBUG1,
                "pg_walrus: established baseline checkpoint count: 57",
                "Cause: FIRST_SAMPLE.",
                ""));
    assertThat(state(StateField.BASELINE_VALID)).isEqualTo(1);
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(57);
    assertThat(state(StateField.SAMPLES)).isEqualTo(1);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isZero();
    assertThat(server.published).isPositive();
    assertThat(server.written).isEmpty();
    assertThat(server.database.rows()).isEmpty();
  }

  @Test
  void aDecisionIsTakenWhenTheTimeoutHasPassedAndNotBefore() {
    worker.cycle(false);
    server.force(3);
    run(299);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isZero();

    run(1);

    assertThat(state(StateField.ANALYSIS_CYCLES)).isEqualTo(1);
    assertThat(state(StateField.LAST_FORCED_CHECKPOINTS)).isEqualTo(3);
    assertThat(state(StateField.LAST_WAL_MB)).isEqualTo(1900);
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(60);
    assertThat(server.state().text(StateField.LAST_DECISION)).startsWith("[{\"check\": ");
    assertThat(server.written).containsExactly(4096);
  }

  @Test
  void theWaitEndsAtTheDeadlineWhereThatComesBeforeTheNextSample() {
    server.timeoutSeconds = 30;
    server.set(Settings.SAMPLE_INTERVAL, 20);
    assertThat(worker.cycle(false)).isEqualTo(20_000);
    server.pass(20);
    assertThat(worker.cycle(false)).isEqualTo(10_000);
    server.pass(10);
    assertThat(worker.cycle(false)).isEqualTo(20_000);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isEqualTo(1);
  }

  /** Vector D9. */
  @Test
  void reloadsNeitherDecideNorMoveTheDeadline() {
    worker.cycle(false);
    for (int i = 0; i < 5; i++) {
      server.pass(1.5);
      assertThat(worker.cycle(true)).isEqualTo(10_000 - (i + 1) * 1_500);
    }
    assertThat(state(StateField.SAMPLES)).isEqualTo(1);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isZero();
    assertThat(state(StateField.QUIET_INTERVALS)).isZero();

    server.pass(292.5);
    worker.cycle(true);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isEqualTo(1);
    assertThat(state(StateField.QUIET_INTERVALS)).isEqualTo(1);
    assertThat(server.messages(Level.DEBUG1)).contains("pg_walrus: quiet interval, 1 in a row");
  }

  /** Vector D6. */
  @Test
  void whatHappensWhileSizingIsOffDoesNotCount() {
    worker.cycle(false);
    run(300);
    assertThat(state(StateField.QUIET_INTERVALS)).isEqualTo(1);

    server.set(Settings.ENABLE, false);
    assertThat(worker.cycle(true)).isEqualTo(SizingWorker.IDLE_MILLIS);
    assertThat(server.messages(Level.LOG)).containsExactly("pg_walrus: sizing disabled");
    assertThat(state(StateField.BASELINE_VALID)).isZero();
    assertThat(state(StateField.QUIET_INTERVALS)).isZero();
    long samples = state(StateField.SAMPLES);
    server.force(40);
    server.pass(7200);
    assertThat(worker.cycle(true)).isEqualTo(SizingWorker.IDLE_MILLIS);
    assertThat(state(StateField.SAMPLES)).isEqualTo(samples);

    server.set(Settings.ENABLE, true);
    worker.cycle(true);
    assertThat(server.messages(Level.LOG))
        .containsExactly("pg_walrus: sizing disabled", "pg_walrus: sizing enabled");
    assertThat(state(StateField.BASELINE_VALID)).isEqualTo(1);
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(97);
    run(300);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isEqualTo(2);
    assertThat(state(StateField.LAST_FORCED_CHECKPOINTS)).isZero();
    assertThat(server.written).isEmpty();
  }

  @Test
  void aPauseHoweverShortStartsANewInterval() {
    worker.cycle(false);
    server.pass(1);
    server.set(Settings.ENABLE, false);
    worker.cycle(true);
    server.force(3);
    server.pass(1);
    server.set(Settings.ENABLE, true);
    worker.cycle(true);

    assertThat(state(StateField.SAMPLES)).isEqualTo(2);
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(60);
  }

  /** Nothing is known about its origin. */
  @Test
  void theClockMayBeginBelowZero() {
    server.nanos = -1000 * FakeServer.SECOND;
    SizingWorker early = new SizingWorker(server);
    assertThat(early.cycle(false)).isEqualTo(10_000);
    assertThat(state(StateField.BASELINE_VALID)).isEqualTo(1);
    server.force(3);
    server.pass(300);
    early.cycle(false);

    assertThat(server.written).containsExactly(4096);
  }

  @Test
  void aShorterTimeoutMovesTheRunningDeadline() {
    worker.cycle(false);
    run(20);
    server.timeoutSeconds = 60;
    worker.cycle(true);
    run(39);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isZero();
    run(1);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isEqualTo(1);
  }

  @Test
  void aDeadlineThatAReloadPutIntoThePastIsMetAtTheNextSample() {
    worker.cycle(false);
    run(95);
    server.timeoutSeconds = 60;
    assertThat(worker.cycle(true)).isEqualTo(5_000);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isZero();
    run(5);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isEqualTo(1);
  }

  @Test
  void aLongerTimeoutMovesTheRunningDeadline() {
    worker.cycle(false);
    run(295);
    server.timeoutSeconds = 600;
    worker.cycle(true);
    run(304);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isZero();
    run(1);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isEqualTo(1);
  }

  @Test
  void aShorterTimeoutIsFollowedHoweverLongTheSampleInterval() {
    server.set(Settings.SAMPLE_INTERVAL, 300);
    assertThat(worker.cycle(false)).isEqualTo(300_000);
    server.pass(5);
    server.timeoutSeconds = 60;

    assertThat(worker.cycle(true)).as("the deadline is 55 s away").isEqualTo(55_000);
  }

  @Test
  void withoutStatisticsThereIsOneWarningAndTheIntervalGoesOn() {
    worker.cycle(false);
    server.force(3);
    long counter = server.requested;
    server.requested = -1;
    run(20);
    assertThat(server.warnings())
        .containsExactly("pg_walrus: checkpoint statistics unavailable, skipping cycle");
    assertThat(state(StateField.BASELINE_VALID)).isEqualTo(1);
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(57);

    server.requested = counter;
    run(280);
    assertThat(server.written).containsExactly(4096);
  }

  @Test
  void everyDecisionReadsTheSettingsAnew() {
    worker.cycle(false);
    server.force(3);
    server.set(Settings.THRESHOLD, 4);
    run(300);
    assertThat(server.written).isEmpty();

    server.force(3);
    server.set(Settings.THRESHOLD, 3);
    server.set(Settings.MAX, 2048);
    run(300);
    assertThat(server.written).containsExactly(2048);
  }

  @Test
  void anotherWayToCountStartsANewInterval() {
    worker.cycle(false);
    server.force(3);
    server.set(Settings.COUNT_MODE, "requested");
    worker.cycle(true);
    run(10);
    assertThat(server.log.getLast().detail()).isEqualTo("Cause: COUNT_MODE_CHANGED.");
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(60);

    server.requested += 2;
    run(300);
    assertThat(server.written).as("without any WAL").containsExactly(3072);
  }

  @Test
  void settingsAreCheckedAtFirstAndAfterEachReload() {
    server.set(ShrinkSettings.MIN_SIZE, 5000);
    worker.cycle(false);
    assertThat(server.warnings()).hasSize(1);

    server.set(ShrinkSettings.MIN_SIZE, 6000);
    run(20);
    assertThat(server.warnings()).hasSize(1);
    worker.cycle(true);
    assertThat(server.warnings()).hasSize(2);
  }

  /** One interval is enough to see the storm, and its rate is known one sample later. */
  @Test
  void aStormIsDecidedBeforeTheTimeoutHasPassed() {
    server.set(GrowthSettings.EARLY_REACTION, true);
    worker.cycle(false);
    server.force(2);
    run(10);
    server.force(1);
    run(10);

    assertThat(state(StateField.ANALYSIS_CYCLES)).isEqualTo(1);
    assertThat(state(StateField.EARLY_DECISIONS)).isEqualTo(1);
    assertThat(server.written).hasSize(1);
    assertThat(server.database.rows().getFirst()).contains("\"trigger\": \"early\"");
  }

  /** C reports what is thrown, and comes back after a sample interval. */
  @Test
  void aCycleThatFailsIsMadeUpForByTheNext() {
    worker.cycle(false);
    server.pass(10);
    server.afterWalPosition =
        () -> {
          throw new PgException("XX000", "no such position", "", "");
        };
    assertThatThrownBy(() -> worker.cycle(false)).isInstanceOf(PgException.class);

    server.afterWalPosition = () -> {};
    worker.cycle(false);
    assertThat(state(StateField.SAMPLES)).isEqualTo(2);
  }
}
