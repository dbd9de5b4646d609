package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.worker.Examples.DETAIL;
import static org.pgwalrus.worker.Examples.EVIDENCE;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.sizing.Change;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Limit;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.Stay;
import org.pgwalrus.sizing.Trigger;

/** The texts that people search logs for. */
class DecisionLogTest {

  private static final String CALCULATED =
      "Calculated size: 6144 MB (algorithm multiplicative, reactive), limited by: ";

  private static final String CEILING =
      "pg_walrus: requested max_wal_size of 6144 MB exceeds maximum of 4096 MB; using maximum";

  private final FakeServer server = new FakeServer();
  private final DecisionLog log = new DecisionLog(server);

  private void explain(Decision decision) {
    log.explain(decision, Examples.policy());
  }

  private static FakeServer.Line line(Level level, String message, String detail) {
    return new FakeServer.Line(level, message, detail, "");
  }

  @Test
  void aBaselineIsToldToTheCurious() {
    explain(new Decision.Baseline(57, Decision.Baseline.Cause.STATISTICS_RESET));

    assertThat(server.log)
        .containsExactly(
            line(
                Level.DEBUG1,
                "pg_walrus: established baseline checkpoint count: 57",
                "Cause: STATISTICS_RESET."));
  }

  @Test
  void aRunningIntervalSaysNothing() {
    explain(new Decision.Waiting());

    assertThat(server.log).isEmpty();
  }

  @Test
  void missingStatisticsAreAWarningOncePerAbsence() {
    explain(new Decision.Unavailable());
    explain(new Decision.Unavailable());

    assertThat(server.log)
        .containsExactly(
            line(
                Level.WARNING, "pg_walrus: checkpoint statistics unavailable, skipping cycle", ""));

    explain(new Decision.Waiting());
    explain(new Decision.Unavailable());
    assertThat(server.warnings()).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(names = {"COUNTING", "SHRINK_DISABLED"})
  void aQuietIntervalIsToldToTheCurious(Stay.Reason reason) {
    explain(new Decision.Quiet(EVIDENCE, 3, new Stay(reason, 4096, 1024, 3072)));

    assertThat(server.log)
        .containsExactly(line(Level.DEBUG1, "pg_walrus: quiet interval, 3 in a row", DETAIL));
  }

  @Test
  void aSizeAtTheFloorIsToldToTheCurious() {
    explain(new Decision.Quiet(EVIDENCE, 5, new Stay(Stay.Reason.AT_FLOOR, 1000, 1024, 1024)));

    assertThat(server.log)
        .endsWith(
            line(
                Level.DEBUG1,
                "pg_walrus: skipping shrink, max_wal_size (1000 MB) already at or below min_size"
                    + " (1024 MB)",
                DETAIL));
  }

  @Test
  void aShrinkWithoutGainIsToldToTheCurious() {
    explain(new Decision.Quiet(EVIDENCE, 5, new Stay(Stay.Reason.NO_GAIN, 33, 32, 48)));

    assertThat(server.log)
        .endsWith(
            line(
                Level.DEBUG1,
                "pg_walrus: skipping shrink, calculated size (48 MB) >= current (33 MB)",
                DETAIL));
  }

  @Test
  void aChangeWithinTheLimitsIsLeftToWhoeverMakesIt() {
    explain(new Decision.Resize(EVIDENCE, Examples.GROWTH, false));
    explain(new Decision.Resize(EVIDENCE, Examples.SHRINK, false));
    explain(new Decision.Trial(EVIDENCE, Examples.GROWTH, false));
    explain(new Decision.Blocked(EVIDENCE, Examples.GROWTH, Examples.COOLDOWN, false));

    assertThat(server.log).isEmpty();
  }

  @Test
  void aCeilingIsAWarningWhateverBecomesOfTheChange() {
    explain(new Decision.Resize(EVIDENCE, Examples.CAPPED, true));
    explain(new Decision.Trial(EVIDENCE, Examples.CAPPED, true));
    explain(new Decision.Blocked(EVIDENCE, Examples.CAPPED, Examples.COOLDOWN, true));

    assertThat(server.log).hasSize(3).containsOnly(line(Level.WARNING, CEILING, DETAIL));
  }

  @Test
  void aCeilingThatIsKnownIsNotRepeated() {
    explain(new Decision.Resize(EVIDENCE, Examples.CAPPED, false));
    explain(new Decision.Trial(EVIDENCE, Examples.CAPPED, false));
    explain(new Decision.Blocked(EVIDENCE, Examples.CAPPED, Examples.COOLDOWN, false));

    assertThat(server.log).isEmpty();
  }

  /** A profile may set another than walrus.max. */
  @Test
  void theCeilingIsTheOneThatThePolicyHas() {
    server.set(Settings.MAX, 4096);
    FakeServer night = new FakeServer();
    night.set(Settings.MAX, 5000);
    Policy policy = new PolicyReader(night).policy();

    log.explain(new Decision.Resize(EVIDENCE, Examples.CAPPED, true), policy);
    log.explain(new Decision.AlreadyThere(EVIDENCE, 4500, 4992, 9000, Limit.MAX, true), policy);

    assertThat(server.warnings())
        .containsExactly(
            "pg_walrus: requested max_wal_size of 6144 MB exceeds maximum of 5000 MB; using"
                + " maximum",
            "pg_walrus: requested max_wal_size of 9000 MB exceeds maximum of 5000 MB; using"
                + " maximum");
    assertThat(server.messages(Level.LOG)).as("4500 is not above 5000").isEmpty();
  }

  @Test
  void aFullDiskIsAWarningThatSaysWhatToDo() {
    Change change = Examples.growth(Change.Kind.INCREASE, Trigger.EARLY, 2048, Limit.DISK);
    explain(new Decision.Resize(EVIDENCE, change, true));

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: requested max_wal_size of 6144 MB exceeds what the disk of pg_wal"
                    + " allows, 2048 MB",
                DETAIL,
                "Free space there, drop replication slots that nobody reads, repair archiving, or"
                    + " lower walrus.disk_reserve_pct."));
  }

  @Test
  void theRecoveryTargetIsAWarning() {
    Change change = Examples.growth(Change.Kind.INCREASE, Trigger.REACTIVE, 2048, Limit.RECOVERY);
    explain(new Decision.Resize(EVIDENCE, change, true));

    assertThat(server.log)
        .containsExactly(
            line(
                Level.WARNING,
                "pg_walrus: requested max_wal_size of 6144 MB exceeds what"
                    + " walrus.recovery_target_sec allows, 2048 MB",
                DETAIL));
  }

  @Test
  void aSizeAtTheCeilingIsToldToTheCurious() {
    explain(new Decision.AlreadyThere(EVIDENCE, 4096, 4096, 24576, Limit.MAX, false));

    assertThat(server.log)
        .containsExactly(
            line(Level.DEBUG1, "pg_walrus: max_wal_size already at maximum (4096 MB)", DETAIL));
  }

  @Test
  void aSizeAboveTheCeilingIsExplained() {
    explain(new Decision.AlreadyThere(EVIDENCE, 8192, 4096, 49152, Limit.MAX, true));

    assertThat(server.log)
        .containsExactly(
            line(
                Level.WARNING,
                "pg_walrus: requested max_wal_size of 49152 MB exceeds maximum of 4096 MB; using"
                    + " maximum",
                DETAIL),
            line(
                Level.LOG,
                "pg_walrus: max_wal_size (8192 MB) is above walrus.max (4096 MB) and left alone",
                ""),
            line(Level.DEBUG1, "pg_walrus: max_wal_size already at maximum (8192 MB)", DETAIL));
  }

  @Test
  void aGrowthIsToldInTwoLinesWithItsNumbers() {
    log.resizing(Examples.GROWTH, EVIDENCE);

    assertThat(server.log)
        .containsExactly(
            line(Level.LOG, "pg_walrus: detected 5 forced checkpoints over 300 seconds", DETAIL),
            line(
                Level.LOG,
                "pg_walrus: resizing max_wal_size from 1024 MB to 6144 MB",
                CALCULATED + "none."));
  }

  @Test
  void aShrinkIsToldWithItsQuietIntervals() {
    log.resizing(Examples.SHRINK, EVIDENCE);

    assertThat(server.log)
        .containsExactly(
            line(
                Level.LOG,
                "pg_walrus: shrinking max_wal_size from 4096 MB to 3072 MB",
                DETAIL + " Quiet intervals: 5."));
  }

  @Test
  void aDryRunIsToldWithItsReason() {
    log.wouldResize(Examples.GROWTH, EVIDENCE);
    log.wouldResize(Examples.CAPPED, EVIDENCE);
    log.wouldResize(Examples.SHRINK, EVIDENCE);
    log.wouldResize(
        Examples.growth(Change.Kind.INCREASE, Trigger.PROACTIVE, 6144, Limit.NONE), EVIDENCE);

    String would = "pg_walrus [DRY-RUN]: would change max_wal_size from ";
    assertThat(server.messages(Level.LOG))
        .containsExactly(
            would + "1024 MB to 6144 MB (threshold exceeded)",
            would + "1024 MB to 4096 MB (capped at walrus.max)",
            would + "4096 MB to 3072 MB (sustained low activity)",
            would + "1024 MB to 6144 MB (projected WAL rate)");
    assertThat(server.log.get(1).detail()).isEqualTo(DETAIL + " " + CALCULATED + "walrus.max.");
  }

  @Test
  void aBlockedChangeIsToldWithWhatBlocksIt() {
    log.blocked(Examples.GROWTH, EVIDENCE, Examples.COOLDOWN, 4);
    log.blocked(Examples.GROWTH, EVIDENCE, Examples.HOURLY_LIMIT, 4);
    log.blocked(Examples.GROWTH, EVIDENCE, Examples.DISABLED, 0);
    log.blocked(Examples.SHRINK, EVIDENCE, Examples.COOLDOWN, 4);
    log.blocked(Examples.SHRINK, EVIDENCE, Examples.HOURLY_LIMIT, 4);

    assertThat(server.messages(Level.LOG))
        .containsExactly(
            "pg_walrus: adjustment blocked - cooldown active (120 seconds remaining)",
            "pg_walrus: adjustment blocked - hourly limit reached (4 of 4)",
            "pg_walrus: adjustment blocked - hourly limit reached (0 of 0)",
            "pg_walrus: shrink blocked - cooldown active (120 seconds remaining)",
            "pg_walrus: shrink blocked - hourly limit reached (4 of 4)");
    assertThat(server.log.getFirst().detail()).isEqualTo(DETAIL + " " + CALCULATED + "none.");
  }
}
