package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Evidence;

/** What becomes of a size that should be set, also where the server does not play along. */
class SizeApplierTest {

  private static final String DETAIL =
      "Requested checkpoints: 5, of which 3 count as forced by WAL. WAL since the interval began:"
          + " 1700 MB in 300 s; the server forced a checkpoint every 528 MB.";

  private final FakeServer server = new FakeServer();
  private final SizeApplier applier = new SizeApplier(server);

  private static Decision.Grow growth(boolean capped) {
    Evidence evidence = new Evidence(5, 2, 3, 300.4, 1700, 528);
    return new Decision.Grow(evidence, 1024, 4096, capped ? 9000 : 4096, capped, capped);
  }

  private void apply() {
    applier.apply(growth(false), server.nanos, FakeServer.WALL_MICROS);
  }

  private void verify(boolean reloaded) {
    applier.verify(reloaded, server.nanos);
  }

  private long state(StateField field) {
    return server.state().get(field);
  }

  private String blocked() {
    return server.state().text(StateField.APPLY_BLOCKED);
  }

  @Test
  void aSizeIsToldWrittenLoadedAndCounted() {
    server.obeys = false;
    apply();

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.LOG, "pg_walrus: detected 3 forced checkpoints over 300 seconds", DETAIL, ""),
            new FakeServer.Line(
                Level.LOG, "pg_walrus: resizing max_wal_size from 1024 MB to 4096 MB", "", ""));
    assertThat(server.written).containsExactly(4096);
    assertThat(server.reloads).isEqualTo(1);
    assertThat(state(StateField.PENDING_SIZE_MB)).isEqualTo(4096);
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isEqualTo(1);
    assertThat(state(StateField.TOTAL_INCREASES)).isEqualTo(1);
    assertThat(state(StateField.TOTAL_CAPPED)).isZero();
    assertThat(state(StateField.SELF_RELOADS)).isEqualTo(1);
    assertThat(state(StateField.LAST_ADJUSTMENT_TIME)).isEqualTo(FakeServer.WALL_MICROS);
  }

  @Test
  void aSizeInEffectIsSettledWithoutAWord() {
    apply();
    verify(true);

    assertThat(state(StateField.PENDING_SIZE_MB)).isZero();
    assertThat(blocked()).isEmpty();
    assertThat(server.log).hasSize(2);
  }

  @Test
  void aCappedSizeIsCountedAsSuch() {
    applier.apply(growth(true), server.nanos, FakeServer.WALL_MICROS);

    assertThat(state(StateField.TOTAL_CAPPED)).isEqualTo(1);
    assertThat(state(StateField.TOTAL_INCREASES)).isEqualTo(1);
  }

  @Test
  void aRefusedWriteIsToldCountedAndNotReloaded() {
    server.refusal = new PgException("58030", "disk is full", "No space.", "Make some.");
    apply();

    assertThat(server.log.getLast())
        .isEqualTo(
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: failed to execute ALTER SYSTEM, will retry next cycle: disk is full",
                "No space.",
                "Make some."));
    assertThat(state(StateField.APPLY_FAILURES)).isEqualTo(1);
    assertThat(server.reloads).isZero();
    assertThat(state(StateField.PENDING_SIZE_MB)).isZero();
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isZero();
    assertThat(state(StateField.LAST_ADJUSTMENT_TIME)).isZero();
  }

  @Test
  void theNextDecisionTriesARefusedWriteAgain() {
    server.refusal = new PgException("58030", "disk is full", "", "");
    apply();
    server.refusal = null;
    apply();

    assertThat(server.written).containsExactly(4096);
    assertThat(state(StateField.TOTAL_ADJUSTMENTS)).isEqualTo(1);
    assertThat(state(StateField.APPLY_FAILURES)).isEqualTo(1);
  }

  @Test
  void aReloadThatCannotBeAskedForIsToldAndAskedForAgain() {
    server.reloadFailure = "No such process";
    apply();
    assertThat(server.messages(Level.WARNING))
        .containsExactly("pg_walrus: could not signal postmaster: No such process");
    assertThat(state(StateField.SELF_RELOADS)).isZero();

    server.reloadFailure = "";
    verify(false);
    verify(true);

    assertThat(server.reloads).isEqualTo(1);
    assertThat(state(StateField.SELF_RELOADS)).isEqualTo(1);
    assertThat(server.written).containsExactly(4096);
    assertThat(state(StateField.PENDING_SIZE_MB)).isZero();
    assertThat(blocked()).isEmpty();
  }

  @Test
  void aSizeWithoutEffectIsToldOnceWithItsSource() {
    overridden();

    assertThat(server.log.getLast())
        .isEqualTo(
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: max_wal_size change to 4096 MB is not effective (source: command line)",
                "The effective value is 1024 MB.",
                "Remove the setting there, or repair the configuration if the server log complains of"
                    + " it."));
    assertThat(blocked()).isEqualTo("command line");
    assertThat(state(StateField.PENDING_SIZE_MB)).isZero();

    verify(true);
    apply();
    apply();
    assertThat(server.messages(Level.WARNING)).hasSize(1);
    assertThat(server.written).containsExactly(4096);
    assertThat(server.reloads).isEqualTo(1);
  }

  private void overridden() {
    server.obeys = false;
    server.source = "command line";
    apply();
    verify(true);
  }

  @Test
  void sizesAreWrittenAgainWhenTheSourceHasChanged() {
    overridden();
    server.source = "configuration file /etc/postgresql.conf";
    server.obeys = true;
    apply();

    assertThat(server.written).containsExactly(4096, 4096);
    assertThat(blocked()).isEmpty();
  }

  @Test
  void sizesAreWrittenAgainWhenTheValueHasChanged() {
    overridden();
    server.maxWalSizeMb = 2048;
    apply();

    assertThat(server.written).containsExactly(4096, 4096);
    assertThat(blocked()).isEmpty();
  }

  @Test
  void theEffectIsWaitedForUntilAReloadOrHalfAMinute() {
    server.obeys = false;
    apply();
    server.pass(29.9);
    verify(false);
    assertThat(state(StateField.PENDING_SIZE_MB)).isEqualTo(4096);
    assertThat(server.messages(Level.WARNING)).isEmpty();

    server.pass(0.1);
    verify(false);
    assertThat(state(StateField.PENDING_SIZE_MB)).isZero();
    assertThat(server.messages(Level.WARNING)).hasSize(1);
  }

  @Test
  void whereAlterSystemIsForbiddenThatIsToldOnceAndNothingWritten() {
    server.alterSystemAllowed = false;
    apply();
    apply();

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: max_wal_size should be 4096 MB, but allow_alter_system is off",
                DETAIL,
                "Set max_wal_size where the configuration is managed."));
    assertThat(blocked()).isEqualTo("allow_alter_system");
    assertThat(server.written).isEmpty();
    assertThat(server.reloads).isZero();

    server.alterSystemAllowed = true;
    apply();
    assertThat(server.written).containsExactly(4096);
    assertThat(blocked()).isEmpty();
  }
}
