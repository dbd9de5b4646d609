package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChangeLedgerTest {

  @Test
  void anEmptyOneNeverHadAChange() {
    assertThat(ChangeLedger.none().last()).isNaN();
    assertThat(ChangeLedger.none().withinHour(1e9)).isZero();
    assertThat(ChangeLedger.none().oldestWithinHour(1e9)).isNaN();
  }

  @Test
  void aChangeOfAnHourAgoNoLongerCounts() {
    ChangeLedger ledger = ChangeLedger.none().with(100).with(200);

    assertThat(ledger.withinHour(3699.9)).isEqualTo(2);
    assertThat(ledger.oldestWithinHour(3699.9)).isEqualTo(100);
    assertThat(ledger.withinHour(3700)).isEqualTo(1);
    assertThat(ledger.oldestWithinHour(3700)).isEqualTo(200);
    assertThat(ledger.withinHour(3800)).isZero();
    assertThat(ledger.last()).isEqualTo(200);
  }

  @Test
  void whatNoLongerCountsIsForgotten() {
    assertThat(ChangeLedger.none().with(100).with(200).with(3700).times())
        .containsExactly(200, 3700);
  }

  @Test
  void keepsAsManyAsALimitCanAllow() {
    ChangeLedger ledger = ChangeLedger.none();
    for (int i = 0; i < 1100; i++) {
      ledger = ledger.with(i);
    }

    assertThat(ledger.times()).hasSize(1000).startsWith(100).endsWith(1099);
  }

  @Test
  void comesBackAsItWasKept() {
    ChangeLedger ledger = ChangeLedger.none().with(100).with(200).touched(300);

    assertThat(ChangeLedger.of(ledger.last(), ledger.times()))
        .isEqualTo(ledger)
        .hasSameHashCodeAs(ledger)
        .hasToString("ChangeLedger[last=300.0, times=[100.0, 200.0]]");
    assertThat(ledger).isNotEqualTo(ledger.touched(400)).isNotEqualTo(ledger.with(300));
  }

  @Test
  void sharesNoArray() {
    double[] times = IntStream.range(0, 3).asDoubleStream().toArray();
    ChangeLedger ledger = ChangeLedger.of(2, times);

    times[0] = 99;
    ledger.times()[1] = 99;

    assertThat(ledger.times()).containsExactly(0, 1, 2);
  }

  @Test
  void moreThanFitAreCutToTheNewest() {
    double[] times = IntStream.range(0, 1003).asDoubleStream().toArray();

    assertThat(ChangeLedger.of(1002, times).times()).hasSize(1000).startsWith(3);
  }
}
