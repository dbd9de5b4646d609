package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Block.Cause.COOLDOWN;
import static org.pgwalrus.sizing.Block.Cause.DISABLED;
import static org.pgwalrus.sizing.Block.Cause.HOURLY_LIMIT;
import static org.pgwalrus.sizing.Scenario.scenario;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
  private static final RateLimit DEFAULT = new RateLimit(300, 4);

  @ParameterizedTest(name = "{0}: {1} s after a change, {2} s are left")
  @CsvSource({"R1a, 60, 240", "R1b, 299, 1", "in a fraction, 299.5, 1", "at once, 0, 300"})
  void changesKeepTheirDistance(String id, double now, int remaining) {
    ChangeLedger ledger = ChangeLedger.none().with(0);

    assertThat(DEFAULT.check(ledger, now)).isEqualTo(new Block(COOLDOWN, remaining, 1, 0));
  }

  @ParameterizedTest(name = "{0}: cooldown {1} s, {2} s after a change")
  @CsvSource({"R1c, 300, 300", "R2, 0, 1", "no distance, 0, 0"})
  void atTheEndOfTheCooldownAChangeIsAllowed(String id, int cooldown, double now) {
    ChangeLedger ledger = ChangeLedger.none().with(0);

    assertThat(new RateLimit(cooldown, 4).check(ledger, now)).isNull();
  }

  @Test
  void theFirstChangeIsAllowed() {
    assertThat(DEFAULT.check(ChangeLedger.none(), 0)).isNull();
  }

  @Test
  void r3NoChangesPerHourIsNoChangesAtAll() {
    RateLimit none = new RateLimit(300, 0);

    assertThat(none.check(ChangeLedger.none(), 0)).isEqualTo(new Block(DISABLED, 0, 0, Double.NaN));
    assertThat(none.check(ChangeLedger.none().with(0), 10)) // and the cooldown lasts as well
        .isEqualTo(new Block(DISABLED, 0, 1, 0));
  }

  @ParameterizedTest(name = "{0}: the fifth at {1}")
  @CsvSource({"R4a, 3599, true", "R4b, 3600, false"})
  void anHourHasItsChanges(String id, double now, boolean blocked) {
    ChangeLedger ledger = ChangeLedger.none().with(0).with(600).with(1200).with(1800);

    assertThat(DEFAULT.check(ledger, now))
        .isEqualTo(blocked ? new Block(HOURLY_LIMIT, 1, 4, 0) : null);
  }

  @Test
  void theHourlyLimitLastsUntilEnoughChangesAreAnHourOld() {
    ChangeLedger ledger = ChangeLedger.none().with(0).with(600).with(1200).with(1800);

    assertThat(new RateLimit(0, 2).check(ledger, 2000))
        .isEqualTo(new Block(HOURLY_LIMIT, 1200 + 3600 - 2000, 4, 0));
  }

  @Test
  void r5TheHourSlides() {
    List<Integer> blocked = new ArrayList<>();
    ChangeLedger ledger = ChangeLedger.none();
    for (int minute : new int[] {0, 45, 50, 55, 60, 65, 70, 75, 105}) {
      if (DEFAULT.check(ledger, minute * 60) == null) {
        ledger = ledger.with(minute * 60);
      } else {
        blocked.add(minute);
      }
    }

    assertThat(blocked).containsExactly(65, 70, 75);
  }

  /** The only clock is the monotonic one, which R6 and R7 do not move. */
  @ParameterizedTest(name = "{0}: the wall clock jumps, {1} s of real time pass: {2} left")
  @CsvSource({"R6, 100, 200", "R7, 10, 290"})
  void theWallClockHasNoSay(String id, double realSeconds, int remaining) {
    Block block = DEFAULT.check(ChangeLedger.none().with(50_000), 50_000 + realSeconds);

    assertThat(block).isEqualTo(new Block(COOLDOWN, remaining, 1, 50_000));
  }

  @Test
  void r8TheCooldownIsNamedBeforeTheHour() {
    ChangeLedger ledger = ChangeLedger.none().with(0).with(1).with(2).with(3);

    assertThat(DEFAULT.check(ledger, 100)).isEqualTo(new Block(COOLDOWN, 203, 4, 0));
  }

  @Test
  void r8WhatIsBlockedCountsNothing() {
    Scenario scenario = scenario().delta(3).changedAt(0, 1, 2, 250);

    Outcome outcome = scenario.outcome();

    assertThat(((Decision.Blocked) outcome.decision()).block().cause()).isEqualTo(COOLDOWN);
    assertThat(outcome.state().applied()).isEqualTo(scenario.started().applied());
  }

  @Test
  void r9AChangeByHandStartsTheCooldownAndNoHour() {
    assertThat(DEFAULT.check(ChangeLedger.none().touched(0), 100))
        .isEqualTo(new Block(COOLDOWN, 200, 0, Double.NaN));
  }

  @Test
  void r10ADryRunHasALedgerOfItsOwn() {
    Scenario scenario = scenario().delta(3).limit(600, 4).trial();
    Outcome tried = scenario.outcome();
    Sample next = scenario.sample(600, 6, 0, 0);

    Decision again = scenario.step(next, tried.state()).decision();
    Scenario real = scenario().limit(600, 4);
    Decision really = real.step(next, tried.state()).decision();

    assertThat(tried.decision()).isInstanceOf(Decision.Trial.class);
    assertThat(((Decision.Blocked) again).block().remainingSeconds()).isEqualTo(300);
    assertThat(really).isInstanceOf(Decision.Resize.class);
  }

  @Test
  void realChangesDoNotHoldUpADryRun() {
    assertThat(scenario().delta(3).changedAt(299).trial().decision())
        .isInstanceOf(Decision.Trial.class);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          COOLDOWN     | cooldown active
          HOURLY_LIMIT | hourly limit reached
          DISABLED     | automatic adjustments disabled (max_changes_per_hour = 0)
          """)
  void saysWhy(Block.Cause cause, String reason) {
    assertThat(new Block(cause, 0, 0, 0).reason()).isEqualTo(reason);
  }

  @Test
  void theRemainderIsNeverAboveTheCooldown() {
    // 0.1 + 300 - 0.1 is above 300.
    @Nullable Block block = DEFAULT.check(ChangeLedger.none().with(0.1), 0.1);

    assertThat(block).isEqualTo(new Block(COOLDOWN, 300, 1, 0.1));
  }
}
