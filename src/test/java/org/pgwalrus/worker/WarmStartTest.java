package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.ChangeLedger;
import org.pgwalrus.sizing.Disk;
import org.pgwalrus.sizing.State;
import org.pgwalrus.sizing.WalRates;

/** What a worker begins with, after a restart, a crash or a promotion. */
class WarmStartTest {

  private final FakeServer server = new FakeServer();
  private final History history = new History(server, new Events(server));
  private final StateStore store = new StateStore(server);
  private final SizeWriter writer = new SizeWriter(server);
  private final WarmStart warmStart =
      new WarmStart(server, store, new Past(server, history), writer, history);

  private State stored(ChangeLedger applied) {
    State state = State.restored(WalRates.of(new double[] {2}, 2), applied, ChangeLedger.none());
    store.store(state);
    return state;
  }

  private void workers(int generation) {
    server.state().set(StateField.GENERATION, generation);
  }

  /** The newest size in force came from another timeline. */
  private void takeOver(int sizeBeforeMb) {
    takeOver(sizeBeforeMb, new Surroundings(null, 0, 0), /* advising= */ false);
  }

  private void takeOver(int sizeBeforeMb, Surroundings around, boolean advising) {
    server.database.answer(FakeDatabase.BEFORE_PROMOTION, String.valueOf(sizeBeforeMb));
    Observer observer =
        new Observer(server, new PolicyReader(server), new Profiles(server, new Events(server)));
    Look look = observer.look(server.nanos);
    warmStart.takeOver(look, Examples.circumstances(), around, advising);
  }

  @Test
  void aRestartedWorkerGoesOnWithWhatIsInSharedMemory() {
    workers(2);
    State state = stored(ChangeLedger.of(100, new double[] {100}));

    assertThat(warmStart.restore(server.nanos)).isEqualTo(state);
    assertThat(server.database.sent(FakeDatabase.LAST_HOUR)).isEmpty();
  }

  /** Or a crash loop could change the size more often than allowed. */
  @Test
  void afterACrashTheHistoryTellsWhatWasChangedWithinTheHour() {
    workers(1);
    server.database.answer(FakeDatabase.LAST_HOUR, "90");
    server.nanos = 1_000 * FakeServer.SECOND;

    assertThat(warmStart.restore(server.nanos).applied())
        .isEqualTo(ChangeLedger.of(910, new double[] {910}));
  }

  @Test
  void whatIsNotInSharedMemoryMayBeInTheHistoryWhicheverWorkerAsks() {
    workers(2);
    server.database.answer(FakeDatabase.LAST_HOUR, "2");

    assertThat(warmStart.restore(server.nanos).applied())
        .isEqualTo(ChangeLedger.of(3, new double[] {3}));
  }

  @Test
  void theSizeOfTheOldPrimaryIsTakenOver() {
    takeOver(3000);

    assertThat(server.written).containsExactly(3000);
    assertThat(server.messages(Level.LOG))
        .containsExactly(
            "pg_walrus: resizing max_wal_size from 1024 MB to 3000 MB, which was in force before"
                + " the promotion");
    assertThat(server.state().get(StateField.TOTAL_ADJUSTMENTS)).isEqualTo(1);
    assertThat(server.state().get(StateField.TOTAL_INCREASES)).isEqualTo(1);
    assertThat(server.state().get(StateField.LAST_ADJUSTMENT_TIME))
        .isEqualTo(FakeServer.WALL_MICROS);
    assertThat(server.database.rows())
        .singleElement()
        .asString()
        .contains(
            "\"action\": \"increase\", \"old_size_mb\": 1024, \"new_size_mb\": 3000",
            "\"reason\": \"Size in force before the promotion\"",
            "\"metadata\": {\"source\": \"warm_start\", \"timeline\": 7, \"wanted_size_mb\":"
                + " 3000}");

    writer.verify(true, server.nanos);
    assertThat(server.database.sent(FakeDatabase.UPDATE).getFirst().second())
        .isEqualTo("{\"effective\": true}");
  }

  @Test
  void aSizeBeyondTheCeilingIsCutToIt() {
    server.set(Settings.MAX, 2050);
    takeOver(8192);

    assertThat(server.written).containsExactly(2048);
    assertThat(server.database.rows().getFirst()).contains("\"wanted_size_mb\": 8192");
  }

  @Test
  void aSizeBeyondTheDiskIsCutToIt() {
    takeOver(4000, new Surroundings(new Disk(2000, 0, 0), 0, 0), /* advising= */ false);

    assertThat(server.written).as("80 % of 2000 MB").containsExactly(1600);
  }

  @Test
  void aSizeThatIsNotLargerChangesNothing() {
    takeOver(1024);
    takeOver(0);
    server.set(Settings.MAX, 1024);
    takeOver(8192);

    assertThat(server.written).isEmpty();
    assertThat(server.log).isEmpty();
  }

  @Test
  void whereSizesAreOnlyAdvisedItIsOnlyTold() {
    takeOver(3000, new Surroundings(null, 0, 0), /* advising= */ true);
    server.set(OperationSettings.DRY_RUN, true);
    takeOver(3000);
    server.set(OperationSettings.DRY_RUN, false);
    server.alterSystemAllowed = false;
    takeOver(3000);

    assertThat(server.written).isEmpty();
    assertThat(server.database.rows()).isEmpty();
    assertThat(server.messages(Level.LOG))
        .hasSize(3)
        .containsOnly(
            "pg_walrus [DRY-RUN]: would change max_wal_size from 1024 MB to 3000 MB, which was in"
                + " force before the promotion");
  }

  @Test
  void aRefusedWriteIsNotCounted() {
    server.refusal = new PgException("58030", "disk is full", "", "");
    takeOver(3000);

    assertThat(server.state().get(StateField.TOTAL_ADJUSTMENTS)).isZero();
    assertThat(server.database.rows()).isEmpty();
  }
}
