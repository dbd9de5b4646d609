package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.sizing.ChangeLedger;

/** The engine's clock has no date; the history's has. */
class CircumstancesTest {

  private final Circumstances now = Examples.circumstances();

  /** 77 s after the beginning of 2000 it is 10000 s of the monotonic clock. */
  @Test
  void aMonotonicTimeIsToldAsSecondsSince1970() {
    assertThat(now.epoch(10_000)).isEqualTo(946_684_877.0);
    assertThat(now.epoch(9_990.5)).isEqualTo(946_684_867.5);
    assertThat(now.lastAdjustmentEpoch()).isEqualTo(946_684_697.0);
  }

  @Test
  void neverIsNoTime() {
    Circumstances before =
        new Circumstances(
            now.policy(),
            "",
            false,
            ChangeLedger.none(),
            now.rates(),
            0,
            300,
            0,
            1,
            10_000,
            FakeServer.WALL_MICROS);

    assertThat(before.lastAdjustmentEpoch()).isNaN();
    assertThat(now.epoch(Double.NaN)).isNaN();
  }
}
