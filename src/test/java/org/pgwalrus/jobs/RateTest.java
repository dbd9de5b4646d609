package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RateTest {

  private final Rate rate = new Rate();

  @Test
  void oneMarkOrAMomentSaysNothing() {
    assertThat(rate.perSecond()).isZero();
    rate.mark(5, 0);
    rate.mark(5.4, 1000);

    assertThat(rate.perSecond()).isZero();
    assertThat(rate.secondsFor(1)).isZero();
  }

  @Test
  void whatWasThereAtTheFirstMarkHasNotCome() {
    rate.mark(5, 1_000_000);
    rate.mark(7, 1_000_200);

    assertThat(rate.perSecond()).isEqualTo(100);
  }

  @Test
  void onlyTheLastTenSecondsCount() {
    for (int second = 0; second <= 60; second++) {
      rate.mark(second, second <= 30 ? second * 1000 : 30_000 + (second - 30));
    }

    assertThat(rate.perSecond()).isEqualTo(1, within(0.001));
  }

  @Test
  void aLongPauseSlowsItDown() {
    rate.mark(0, 0);
    rate.mark(1, 1000);
    rate.mark(100, 1100);

    assertThat(rate.perSecond()).isLessThan(12);
  }

  @Test
  void marksCloseTogetherCountAsMuchAsFewFarApart() {
    for (int mark = 0; mark <= 2_000_000; mark++) {
      rate.mark(mark / 100_000.0, mark * 10.0);
    }

    assertThat(rate.perSecond()).isEqualTo(1_000_000, within(1.0));
    assertThat(rate.marks()).as("marks that are kept").isLessThan(1000);
  }

  @Test
  void secondsAreWholeAndAtLeastOne() {
    rate.mark(0, 0);
    rate.mark(2, 20);

    assertThat(rate.secondsFor(0.1)).isEqualTo(1);
    assertThat(rate.secondsFor(10)).isEqualTo(1);
    assertThat(rate.secondsFor(11)).isEqualTo(2);
    assertThat(rate.secondsFor(0)).isZero();
    assertThat(rate.secondsFor(-5)).isZero();
    assertThat(rate.secondsFor(1e300)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void whatDoesNotMoveHasNoEnd() {
    rate.mark(0, 7);
    rate.mark(3, 7);

    assertThat(rate.secondsFor(1)).isZero();
  }
}
