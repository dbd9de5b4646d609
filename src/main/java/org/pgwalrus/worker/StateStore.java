package org.pgwalrus.worker;

import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.SharedState;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.ChangeLedger;
import org.pgwalrus.sizing.State;
import org.pgwalrus.sizing.WalRates;

/**
 * Keeps in shared memory what a restarted worker needs: rates and ledgers. Times are rounded up to
 * whole seconds, so that a restart never shortens a cooldown.
 */
final class StateStore {

  /** In place of the second of the last change. */
  private static final int NEVER = 0;

  private final Server server;
  private State stored = State.initial();

  StateStore(Server server) {
    this.server = server;
  }

  /** The state that an earlier worker has left, without a baseline. */
  State load() {
    SharedState shared = server.state();
    double[] rates = shared.reals(StateField.RATE_SAMPLES);
    stored =
        State.restored(
            WalRates.of(
                rates, rates.length == 0 ? Double.NaN : shared.real(StateField.WAL_RATE_EMA)),
            ledger(StateField.LAST_APPLIED_SEC, StateField.APPLIED_SEC),
            ledger(StateField.LAST_TRIAL_SEC, StateField.TRIAL_SEC));
    return stored;
  }

  /** Writes what has changed since the last time. */
  void store(State state) {
    SharedState shared = server.state();
    if (!state.rates().equals(stored.rates())) {
      shared.setReals(StateField.RATE_SAMPLES, state.rates().toArray());
      double ema = state.rates().ema();
      shared.setReal(StateField.WAL_RATE_EMA, Double.isNaN(ema) ? 0 : ema);
    }
    if (!state.applied().equals(stored.applied())) {
      store(state.applied(), StateField.LAST_APPLIED_SEC, StateField.APPLIED_SEC);
    }
    if (!state.trials().equals(stored.trials())) {
      store(state.trials(), StateField.LAST_TRIAL_SEC, StateField.TRIAL_SEC);
    }
    stored = state;
  }

  private ChangeLedger ledger(StateField last, StateField times) {
    int[] seconds = server.state().numbers(times);
    double[] exact = new double[seconds.length];
    for (int i = 0; i < seconds.length; i++) {
      exact[i] = seconds[i];
    }
    long lastSecond = server.state().get(last);
    return ChangeLedger.of(lastSecond == NEVER ? Double.NaN : lastSecond, exact);
  }

  private void store(ChangeLedger ledger, StateField last, StateField times) {
    double[] exact = ledger.times();
    int[] seconds = new int[exact.length];
    for (int i = 0; i < exact.length; i++) {
      seconds[i] = wholeSecond(exact[i]);
    }
    server.state().setNumbers(times, seconds);
    server.state().set(last, Double.isNaN(ledger.last()) ? NEVER : known(ledger.last()));
  }

  /** The whole second of something that has happened. */
  private static int known(double seconds) {
    int second = wholeSecond(seconds);
    return second == NEVER ? 1 : second;
  }

  private static int wholeSecond(double seconds) {
    return (int) Math.ceil(seconds);
  }
}
