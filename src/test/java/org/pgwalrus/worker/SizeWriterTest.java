package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.StateField;

/** What becomes of a size that is written, also where the server does not play along. */
class SizeWriterTest {

  private static final String NOT_EFFECTIVE =
      "pg_walrus: max_wal_size change to 4096 MB is not effective (source: command line)";

  private final FakeServer server = new FakeServer();
  private final SizeWriter writer = new SizeWriter(server);

  /** Each verdict: written, effective, whether that is the same. */
  private final List<List<Object>> verdicts = new ArrayList<>();

  private boolean write() {
    return writer.write(4096, "ALTER SYSTEM", server.nanos, this::remember);
  }

  private void remember(int writtenMb, int effectiveMb, boolean effective) {
    verdicts.add(List.of(writtenMb, effectiveMb, effective));
  }

  private void verify(boolean reloaded) {
    writer.verify(reloaded, server.nanos);
  }

  private long state(StateField field) {
    return server.state().get(field);
  }

  private String blocked() {
    return server.state().text(StateField.APPLY_BLOCKED);
  }

  private void override() {
    server.obeys = false;
    server.database.answer(FakeDatabase.SOURCE, "command line");
    write();
    verify(true);
  }

  @Test
  void aSizeIsWrittenAndLoadedAtOnce() {
    server.obeys = false;

    assertThat(write()).isTrue();
    assertThat(server.written).containsExactly(4096);
    assertThat(server.reloads).isEqualTo(1);
    assertThat(state(StateField.SELF_RELOADS)).isEqualTo(1);
    assertThat(state(StateField.PENDING_SIZE_MB)).isEqualTo(4096);
    assertThat(writer.isPending()).isTrue();
    assertThat(server.log).isEmpty();
  }

  @Test
  void aSizeInForceIsSettledWithoutAWord() {
    write();
    verify(true);
    verify(true);

    assertThat(verdicts).as("once").containsExactly(List.of(4096, 4096, true));
    assertThat(writer.isPending()).isFalse();
    assertThat(state(StateField.PENDING_SIZE_MB)).isZero();
    assertThat(blocked()).isEmpty();
    assertThat(server.log).isEmpty();
  }

  @Test
  void aSettingIsRemovedAndWhateverIsInForceThenIsRight() {
    assertThat(writer.remove(server.nanos, this::remember)).isTrue();
    verify(true);

    assertThat(server.written).containsOnlyNulls().hasSize(1);
    assertThat(verdicts).containsExactly(List.of(0, 1024, true));
  }

  @Test
  void aRefusedWriteIsToldCountedAndNotReloaded() {
    server.refusal = new PgException("58030", "disk is full", "No space.", "Make some.");

    assertThat(write()).isFalse();
    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: failed to execute ALTER SYSTEM, will retry next cycle: disk is full",
                "No space.",
                "Make some."));
    assertThat(state(StateField.APPLY_FAILURES)).isEqualTo(1);
    assertThat(server.reloads).isZero();
    assertThat(writer.isPending()).isFalse();
    assertThat(state(StateField.PENDING_SIZE_MB)).isZero();
    verify(true);
    assertThat(verdicts).isEmpty();
  }

  @Test
  void aReloadThatCannotBeAskedForIsToldAndAskedForAgain() {
    server.reloadFailure = "No such process";
    assertThat(write()).as("the file is written").isTrue();
    assertThat(server.warnings())
        .containsExactly("pg_walrus: could not signal postmaster: No such process");
    assertThat(state(StateField.SELF_RELOADS)).isZero();

    server.reloadFailure = "";
    verify(false);
    verify(true);

    assertThat(server.reloads).isEqualTo(1);
    assertThat(state(StateField.SELF_RELOADS)).isEqualTo(1);
    assertThat(server.written).containsExactly(4096);
    assertThat(verdicts).containsExactly(List.of(4096, 4096, true));
  }

  @Test
  void theEffectIsWaitedForUntilAReloadOrHalfAMinute() {
    server.obeys = false;
    write();
    server.pass(29.9);
    verify(false);
    assertThat(verdicts).isEmpty();

    server.pass(0.1);
    verify(false);
    assertThat(verdicts).containsExactly(List.of(4096, 1024, false));
    assertThat(writer.isPending()).isFalse();
  }

  @Test
  void aSizeWithoutEffectIsToldOnceWithItsSourceAndStandsInTheWay() {
    override();
    verify(true);

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING,
                NOT_EFFECTIVE,
                "The effective value is 1024 MB.",
                "Remove the setting there, or repair the configuration if the server log complains of"
                    + " it. Until then sizes are only recommended."));
    assertThat(writer.obstacle()).isEqualTo("command line");
    assertThat(blocked()).isEqualTo("command line");
    assertThat(verdicts).containsExactly(List.of(4096, 1024, false));
  }

  @Test
  void anObstacleIsShownAtOnce() {
    override();
    assertThat(server.published).isEqualTo(1);
    server.maxWalSizeMb = 2048;
    verify(true);
    assertThat(server.published).isEqualTo(2);
  }

  @Test
  void anotherSourceRemovesTheObstacle() {
    override();
    server.database.answer(FakeDatabase.SOURCE, "configuration file /etc/postgresql.conf");

    assertThat(writer.obstacle()).isEmpty();
    assertThat(blocked()).isEmpty();
  }

  @Test
  void anotherValueRemovesTheObstacle() {
    override();
    server.maxWalSizeMb = 2048;

    assertThat(writer.obstacle()).isEmpty();
    assertThat(blocked()).isEmpty();
  }

  @Test
  void aReloadAloneShowsThatAnObstacleIsGone() {
    override();
    server.maxWalSizeMb = 2048;
    verify(false);
    assertThat(blocked()).isEqualTo("command line");

    verify(true);
    assertThat(blocked()).isEmpty();
  }

  @Test
  void aSourceThatCannotBeLookedUpIsAnObstacleUntilItCan() {
    server.obeys = false;
    server.database.fail(FakeDatabase.SOURCE, "57014", "canceling statement");
    write();
    verify(true);

    assertThat(verdicts).containsExactly(List.of(4096, 1024, false));
    assertThat(writer.obstacle()).isEqualTo("unknown");
    assertThat(server.warnings())
        .startsWith(
            "pg_walrus: could not look up the source of max_wal_size: canceling statement",
            "pg_walrus: max_wal_size change to 4096 MB is not effective (source: unknown)");

    server.database.answer(FakeDatabase.SOURCE, "command line");
    assertThat(writer.obstacle()).as("now it is known, and worth another try").isEmpty();
  }

  @Test
  void whereAlterSystemIsForbiddenThatIsToldOnceAndStandsInTheWay() {
    server.alterSystemAllowed = false;

    assertThat(writer.obstacle()).isEqualTo("allow_alter_system");
    assertThat(writer.obstacle()).isEqualTo("allow_alter_system");
    assertThat(blocked()).isEqualTo("allow_alter_system");
    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: allow_alter_system is off, sizes are only recommended",
                "",
                "Set max_wal_size where the configuration is managed; walrus.recommendation() tells"
                    + " the size."));

    server.alterSystemAllowed = true;
    assertThat(writer.obstacle()).isEmpty();
    assertThat(blocked()).isEmpty();
  }

  /** An administrator's mistake, which ALTER SYSTEM cannot mend. */
  @Test
  void aBrokenFileStandsInTheWayUntilItIsRepaired() {
    server.refusal = new PgException("F0000", "could not parse", "Line 3.", "");
    server.database.answer(FakeDatabase.BROKEN_FILE, "1");
    assertThat(write()).isFalse();

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: failed to execute ALTER SYSTEM, will retry next cycle: could not parse",
                "Line 3.",
                "Repair the file. Until then sizes are only recommended."));
    assertThat(state(StateField.APPLY_FAILURES)).isEqualTo(1);
    assertThat(writer.obstacle()).isEqualTo("postgresql.auto.conf");
    assertThat(blocked()).isEqualTo("postgresql.auto.conf");

    server.database.answer(FakeDatabase.BROKEN_FILE, (String) null);
    assertThat(writer.obstacle()).isEmpty();
  }

  @Test
  void aFileThatCannotBeLookedIntoCountsAsBroken() {
    server.refusal = new PgException("F0000", "could not parse", "", "");
    write();
    server.database.fail(FakeDatabase.BROKEN_FILE, "57014", "canceling statement");

    assertThat(writer.obstacle()).isEqualTo("postgresql.auto.conf");
    assertThat(server.warnings())
        .endsWith("pg_walrus: could not look into postgresql.auto.conf: canceling statement");
  }

  @Test
  void aSizeThatComesIntoForceLaterGetsASecondVerdict() {
    override();
    server.maxWalSizeMb = 4096;
    verify(true);
    verify(true);

    assertThat(verdicts).containsExactly(List.of(4096, 1024, false), List.of(4096, 4096, true));
  }

  @Test
  void aSizeThatIsStillNotInForceGetsNoSecondVerdict() {
    override();
    server.maxWalSizeMb = 2048;
    verify(true);

    assertThat(verdicts).hasSize(1);
  }

  @Test
  void onlyTheNewestSizeGetsASecondVerdict() {
    override();
    server.maxWalSizeMb = 2048;
    writer.obstacle();
    writer.write(8192, "ALTER SYSTEM", server.nanos, this::remember);
    server.maxWalSizeMb = 4096;
    verify(true);

    assertThat(verdicts).containsExactly(List.of(4096, 1024, false), List.of(8192, 4096, false));
  }

  @Test
  void aRestartedWorkerKnowsTheObstacleAndNotTheSizeThatWasPending() {
    server.state().set(StateField.PENDING_SIZE_MB, 4096);
    server.state().set(StateField.APPLY_BLOCKED, "command line");
    server.database.answer(FakeDatabase.SOURCE, "command line");
    SizeWriter next = new SizeWriter(server);

    assertThat(next.obstacle()).isEqualTo("command line");
    assertThat(next.isPending()).isFalse();
    assertThat(state(StateField.PENDING_SIZE_MB)).isZero();
    server.database.answer(FakeDatabase.SOURCE, "configuration file");
    assertThat(next.obstacle()).isEmpty();
    assertThat(server.log).as("it was told before").isEmpty();
  }
}
