package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.StateField;

/** The cycle, on a server that does as it is told. Intervals last 300 s, samples 10 s apart. */
class SizingWorkerTest {

  private final FakeServer server = new FakeServer();
  private final SizingWorker worker = new SizingWorker(server);

  private long state(StateField field) {
    return server.state().get(field);
  }

  /** Runs a cycle every second, as if each second had a reload, until the time has passed. */
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
    assertThat(state(StateField.CURRENT_SIZE_MB)).isEqualTo(1024);
    assertThat(state(StateField.TRIGGER_DISTANCE_MB)).isEqualTo(528);
    assertThat(state(StateField.LAST_CHECK_TIME)).isEqualTo(FakeServer.WALL_MICROS);
    assertThat(server.published).isPositive();
    assertThat(server.written).isEmpty();
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
    assertThat(server.written).containsExactly(4096);
  }

  @Test
  void theWaitEndsAtTheDeadlineWhereThatComesBeforeTheNextSample() {
    server.timeoutSeconds = 30;
    server.sampleInterval = 20;
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

    server.enable = false;
    assertThat(worker.cycle(true)).isEqualTo(SizingWorker.IDLE_MILLIS);
    assertThat(server.messages(Level.LOG)).containsExactly("pg_walrus: sizing disabled");
    assertThat(state(StateField.BASELINE_VALID)).isZero();
    assertThat(state(StateField.QUIET_INTERVALS)).isZero();
    long samples = state(StateField.SAMPLES);
    server.force(40);
    server.pass(7200);
    assertThat(worker.cycle(true)).isEqualTo(SizingWorker.IDLE_MILLIS);
    assertThat(state(StateField.SAMPLES)).isEqualTo(samples);

    server.enable = true;
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
    server.sampleInterval = 300;
    assertThat(worker.cycle(false)).isEqualTo(300_000);
    server.pass(5);
    server.timeoutSeconds = 60;

    assertThat(worker.cycle(true)).as("the deadline is 55 s away").isEqualTo(55_000);
  }

  @Test
  void withoutStatisticsThereIsAWarningAndTheIntervalGoesOn() {
    worker.cycle(false);
    server.force(3);
    long counter = server.requested;
    server.requested = -1;
    run(10);
    assertThat(server.messages(Level.WARNING))
        .containsExactly("pg_walrus: checkpoint statistics unavailable, skipping cycle");
    assertThat(state(StateField.BASELINE_VALID)).isEqualTo(1);
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(57);

    server.requested = counter;
    run(290);
    assertThat(server.written).containsExactly(4096);
  }

  @Test
  void everyDecisionReadsTheSettingsAnew() {
    worker.cycle(false);
    server.force(3);
    server.threshold = 4;
    run(300);
    assertThat(server.written).isEmpty();

    server.force(3);
    server.threshold = 3;
    server.max = 2048;
    run(300);
    assertThat(server.written).containsExactly(2048);
  }

  @Test
  void anotherWayToCountStartsANewInterval() {
    worker.cycle(false);
    server.force(3);
    server.countMode = "requested";
    run(10);
    assertThat(server.log.getLast().detail()).isEqualTo("Cause: COUNT_MODE_CHANGED.");
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(60);

    server.requested += 2;
    run(300);
    assertThat(server.written).as("without any WAL").containsExactly(3072);
  }

  @Test
  void theCeilingIsReportedOncePerEpisode() {
    server.max = 2048;
    worker.cycle(false);
    for (int i = 0; i < 3; i++) {
      server.force(12);
      run(300);
    }
    assertThat(server.written).containsExactly(2048);
    assertThat(server.messages(Level.WARNING))
        .containsExactly(
            "pg_walrus: requested max_wal_size of 13312 MB exceeds maximum of 2048 MB; using"
                + " maximum");
    assertThat(server.messages(Level.DEBUG1))
        .filteredOn("pg_walrus: max_wal_size already at maximum (2048 MB)"::equals)
        .hasSize(2);
    assertThat(state(StateField.TOTAL_CAPPED)).isEqualTo(1);

    run(300);
    server.force(12);
    run(300);
    assertThat(server.messages(Level.WARNING)).as("after a quiet interval").hasSize(2);
  }

  @Test
  void aSizeAboveTheCeilingIsLeftAloneAndSaidOnce() {
    server.maxWalSizeMb = 8192;
    worker.cycle(false);
    for (int i = 0; i < 2; i++) {
      server.force(30);
      run(300);
    }
    assertThat(server.written).isEmpty();
    assertThat(server.messages(Level.LOG))
        .containsExactly(
            "pg_walrus: max_wal_size (8192 MB) is above walrus.max (4096 MB) and left alone");
  }
}
