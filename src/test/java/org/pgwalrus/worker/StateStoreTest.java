package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.ChangeLedger;
import org.pgwalrus.sizing.State;
import org.pgwalrus.sizing.WalRates;

/** What one worker stores, the next one finds. */
class StateStoreTest {

  private final FakeServer server = new FakeServer();
  private final StateStore store = new StateStore(server);

  private static State state(double[] rates, double ema, ChangeLedger applied, ChangeLedger tried) {
    return State.restored(WalRates.of(rates, ema), applied, tried);
  }

  private State loadedByTheNext() {
    return new StateStore(server).load();
  }

  @Test
  void emptyMemoryIsTheInitialState() {
    assertThat(store.load()).isEqualTo(State.initial());
  }

  @Test
  void everyPartComesBack() {
    State state =
        state(
            new double[] {1.25, 0, 7.5},
            3.5,
            ChangeLedger.of(300, new double[] {100, 200}),
            ChangeLedger.of(600, new double[] {400, 500, 600}));
    store.store(state);

    assertThat(loadedByTheNext()).isEqualTo(state);
    assertThat(server.state().get(StateField.RATE_SAMPLE_COUNT)).isEqualTo(3);
    assertThat(server.state().get(StateField.APPLIED_COUNT)).isEqualTo(2);
    assertThat(server.state().get(StateField.TRIAL_COUNT)).isEqualTo(3);
  }

  @Test
  void asMuchAsThereCanBeFits() {
    double[] rates = new double[WalRates.CAPACITY];
    double[] times = new double[ChangeLedger.CAPACITY];
    for (int i = 0; i < times.length; i++) {
      rates[i % rates.length] = i;
      times[i] = i;
    }
    State full = state(rates, 1, ChangeLedger.of(1000, times), ChangeLedger.of(2000, times));
    store.store(full);

    assertThat(loadedByTheNext()).isEqualTo(full);
  }

  /** A restart may make a cooldown longer, never shorter. */
  @ParameterizedTest
  @CsvSource({"100.001, 101", "100, 100", "-500.5, -500", "-0.5, 1", "0.2, 1"})
  void timesAreRoundedUpAndNeverToNever(double seconds, double stored) {
    store.store(
        state(
            new double[0],
            Double.NaN,
            ChangeLedger.of(seconds, new double[0]),
            ChangeLedger.of(seconds, new double[0])));

    assertThat(loadedByTheNext().applied().last()).isEqualTo(stored);
    assertThat(loadedByTheNext().trials().last()).isEqualTo(stored);
  }

  @Test
  void aClockThatIsFarAheadDoesNotOverflow() {
    double[] far = {4e9};
    store.store(state(new double[0], Double.NaN, ChangeLedger.of(4e9, far), ChangeLedger.none()));

    assertThat(loadedByTheNext().applied().last()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void aMovingAverageOfNothingIsNoNumberInMemory() {
    store.store(state(new double[] {1}, Double.NaN, ChangeLedger.none(), ChangeLedger.none()));

    assertThat(server.state().real(StateField.WAL_RATE_EMA)).isZero();
  }

  @Test
  void whatWasForgottenIsErased() {
    store.store(
        state(
            new double[] {1, 2},
            2,
            ChangeLedger.of(300, new double[] {100}),
            ChangeLedger.of(300, new double[] {100})));
    store.store(State.initial());

    assertThat(loadedByTheNext()).isEqualTo(State.initial());
  }

  @Test
  void onlyWhatHasChangedIsWritten() {
    State state = state(new double[] {1}, 1, ChangeLedger.none(), ChangeLedger.none());
    store.store(state);
    server.state().setReal(StateField.WAL_RATE_EMA, 42);
    store.store(state);

    assertThat(server.state().real(StateField.WAL_RATE_EMA)).isEqualTo(42);
  }
}
