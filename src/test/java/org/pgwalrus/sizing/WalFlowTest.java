package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import org.junit.jupiter.api.Test;

class WalFlowTest {
  private final WalFlow start = WalFlow.startingAt(at(0, 0));

  @Test
  void twoStepsAreNeeded() {
    assertThat(start.sustained()).isNaN();
    assertThat(start.current()).isNaN();
    assertThat(start.extendedBy(at(10, 100)).sustained()).isNaN();
    assertThat(start.extendedBy(at(10, 100)).current()).isNaN();
  }

  @Test
  void aRisingRateIsTheLastStepsAndAFallingOneTheMean() {
    WalFlow rising = start.extendedBy(at(10, 100)).extendedBy(at(20, 500));
    WalFlow falling = rising.extendedBy(at(30, 700));

    assertThat(rising.sustained()).isEqualTo(10);
    assertThat(rising.current()).isEqualTo(40);
    assertThat(falling.sustained()).isEqualTo(20);
    assertThat(falling.current()).isEqualTo(30);
  }

  @Test
  void stepsUnderHalfASecondAreTakenTogether() {
    WalFlow short1 = start.extendedBy(at(0.2, 90));
    WalFlow short2 = short1.extendedBy(at(0.4, 90));
    WalFlow merged = short2.extendedBy(at(1, 100));

    assertThat(short2).isEqualTo(start);
    assertThat(merged.latest()).isEqualTo(100);
  }

  @Test
  void walThatWentBackIsNoRate() {
    assertThat(start.extendedBy(at(10, -100)).latest()).isZero();
  }

  @Test
  void theRateUnderPressureBeginsWithTheSampleThatSawIt() {
    WalFlow pressed = start.extendedBy(at(10, 100)).pressedAt(at(10, 100));

    assertThat(start.underPressure(at(10, 100))).isNaN();
    assertThat(pressed.underPressure(at(10, 100))).isNaN();
    assertThat(pressed.underPressure(at(10.4, 190))).isNaN();
    assertThat(pressed.extendedBy(at(20, 400)).underPressure(at(20, 400))).isEqualTo(30);
  }

  @Test
  void theNextIntervalKnowsTheStepsAndNoPressure() {
    WalFlow pressed = start.extendedBy(at(10, 100)).extendedBy(at(20, 300)).pressedAt(at(20, 300));
    WalFlow next = pressed.carriedOver(at(20, 300));

    assertThat(next.sustained()).isEqualTo(10);
    assertThat(next.pressedSince()).isNull();
  }

  @Test
  void aSpanUnderHalfATimeoutBecomesPartOfTheNextRate() {
    WalRates rates = start.addedTo(WalRates.none(), at(149, 1490), 0.2);
    WalFlow next = start.carriedOver(at(149, 1490));
    WalRates after = next.addedTo(rates, at(449, 4490 - 898), 0.2);

    assertThat(rates).isEqualTo(WalRates.none());
    assertThat(after.toArray()).containsExactly(8); // 3592 MB in 449 s
    assertThat(next.carriedOver(at(449, 3592)).ratedSince()).isEqualTo(WalPoint.of(at(449, 3592)));
  }

  @Test
  void halfATimeoutIsEnoughForARate() {
    assertThat(start.addedTo(WalRates.none(), at(150, 1500), 0.2).toArray()).containsExactly(10);
  }

  @Test
  void aDecisionTakesUpTheRateOfItsInterval() {
    assertThat(scenario().wal(3000).outcome().state().rates().toArray()).containsExactly(10);
    assertThat(scenario().wal(3000).delta(3).outcome().state().rates().toArray())
        .containsExactly(10);
  }

  private static Sample at(double seconds, long insertMb) {
    return scenario().sample(seconds, 0, insertMb, 0);
  }
}
