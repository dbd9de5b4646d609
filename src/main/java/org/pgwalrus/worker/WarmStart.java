package org.pgwalrus.worker;

import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Ceiling;
import org.pgwalrus.sizing.ChangeLedger;
import org.pgwalrus.sizing.Disk;
import org.pgwalrus.sizing.State;

/**
 * Begins where another server or another life of this one ended: {@code ALTER SYSTEM} is not
 * replicated and shared memory is lost in a crash, but the history is there.
 */
final class WarmStart {

  private final Server server;
  private final ServerLog log;
  private final StateStore store;
  private final Past past;
  private final SizeWriter writer;
  private final History history;

  WarmStart(Server server, StateStore store, Past past, SizeWriter writer, History history) {
    this.server = server;
    this.log = new ServerLog(server);
    this.store = store;
    this.past = past;
    this.writer = writer;
    this.history = history;
  }

  /** What an earlier worker knew; after a crash, when sizes were changed within the last hour. */
  State restore(long nowNanos) {
    State state = store.load();
    if (!state.applied().equals(ChangeLedger.none())) {
      return state;
    }
    ChangeLedger applied = past.lastHour(Look.seconds(nowNanos));
    return State.restored(state.rates(), applied, state.trials());
  }

  /** Takes over the size of the primary that this server has followed, within its own limits. */
  void takeOver(Look look, Circumstances now, Surroundings around, boolean advising) {
    int currentMb = look.sample().maxWalSizeMb();
    int wantedMb = past.sizeBeforePromotion(now.timeline());
    Disk disk = around.disk();
    int sizeMb = Ceiling.leaveOf(wantedMb, look.sample(), look.policy(), disk);
    if (wantedMb <= currentMb || sizeMb <= currentMb) {
      return;
    }
    String change =
        "max_wal_size from "
            + currentMb
            + " MB to "
            + sizeMb
            + " MB, which was in force before the promotion";
    if (advising || look.policy().trial() || !writer.obstacle().isEmpty()) {
      log.dryRun("would change " + change, "");
      return;
    }
    log.log("resizing " + change, "");
    HistoryRow row =
        HistoryRows.without(
            currentMb,
            sizeMb,
            "Size in force before the promotion",
            "warm_start",
            new Json().put("wanted_size_mb", wantedMb),
            now);
    boolean written =
        writer.write(
            sizeMb,
            "ALTER SYSTEM",
            look.nanos(),
            (_, _, effective) -> history.amend(row, new Json().put("effective", effective)));
    if (written) {
      server.state().increment(StateField.TOTAL_ADJUSTMENTS);
      server.state().increment(StateField.TOTAL_INCREASES);
      server.state().set(StateField.LAST_ADJUSTMENT_TIME, now.wallMicros());
      history.add(row, look.nanos());
    }
  }
}
