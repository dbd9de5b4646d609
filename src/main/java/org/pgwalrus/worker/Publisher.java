package org.pgwalrus.worker;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.LimitSettings;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.SharedState;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Change;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Disk;
import org.pgwalrus.sizing.Evidence;
import org.pgwalrus.sizing.Limit;
import org.pgwalrus.sizing.State;
import org.pgwalrus.sizing.Step;
import org.pgwalrus.sizing.Trigger;
import org.pgwalrus.sizing.TriggerDistance;

/** Shows SQL functions what the worker knows. */
final class Publisher {

  private static final double MB = 1L << 20;
  private static final double SHORTEST_STEP_SECONDS = 0.5;

  private final Server server;
  private final StateStore store;
  private long lastNanos;
  private long lastInsertLsn;
  private double shownCompletionTarget;

  Publisher(Server server, StateStore store) {
    this.server = server;
    this.store = store;
  }

  /** A sample and what the engine remembers after it. */
  void sample(Look look, State state) {
    SharedState shared = server.state();
    shared.increment(StateField.SAMPLES);
    shared.set(StateField.REQUESTED_CHECKPOINTS, look.stats().requested());
    shared.set(StateField.TIMED_CHECKPOINTS, look.stats().timed());
    shared.set(StateField.LAST_CHECK_TIME, look.wal().wallMicros());
    rate(look);
    state(state);
  }

  /** What the engine remembers; visible at once. */
  void state(State state) {
    SharedState shared = server.state();
    shared.set(StateField.BASELINE_VALID, state.interval() == null ? 0 : 1);
    if (state.interval() != null) {
      shared.set(StateField.REQUESTED_BASE, state.interval().baseRequested());
    }
    shared.set(StateField.QUIET_INTERVALS, state.quietIntervals());
    store.store(state);
    size();
    server.publishState();
  }

  private void size() {
    SharedState shared = server.state();
    int size = server.maxWalSizeMb();
    double completionTarget = server.checkpointCompletionTarget();
    if (size == shared.get(StateField.CURRENT_SIZE_MB)
        && completionTarget == shownCompletionTarget) {
      return;
    }
    TriggerDistance distance = TriggerDistance.of(size, completionTarget, server.walSegmentMb());
    shared.set(StateField.CURRENT_SIZE_MB, size);
    shared.set(StateField.TRIGGER_DISTANCE_MB, distance.megabytes());
    shownCompletionTarget = completionTarget;
  }

  /** The rate since the last sample; steps that are too short to tell are left to the next. */
  private void rate(Look look) {
    double seconds = Look.seconds(look.nanos() - lastNanos);
    if (seconds < SHORTEST_STEP_SECONDS) {
      return;
    }
    long bytes = look.wal().insertLsn() - lastInsertLsn;
    if (lastInsertLsn != 0 && bytes >= 0) {
      server.state().setReal(StateField.WAL_RATE_MB_SEC, bytes / MB / seconds);
    }
    lastNanos = look.nanos();
    lastInsertLsn = look.wal().insertLsn();
  }

  /** A decision and the checks that led to it. */
  void decision(
      Decision decision,
      Trigger trigger,
      List<Step> steps,
      Look look,
      State state,
      @Nullable Disk disk,
      double fpiShare) {
    SharedState shared = server.state();
    shared.increment(StateField.ANALYSIS_CYCLES);
    if (trigger != Trigger.REACTIVE) {
      shared.increment(StateField.EARLY_DECISIONS);
    }
    Evidence evidence = decision.evidence();
    if (evidence != null) {
      shared.set(StateField.LAST_FORCED_CHECKPOINTS, evidence.delta());
      shared.set(StateField.LAST_WAL_MB, evidence.walMb());
    }
    Change change = change(decision);
    shared.set(
        StateField.CURRENT_RECOMMENDATION_MB,
        change == null ? look.sample().maxWalSizeMb() : change.toMb());
    shared.set(StateField.LIMITING_FACTOR, limitingFactor(decision, change));
    shared.set(StateField.RECOMMENDED_FLOOR_MB, state.rateFloorMb(look.sample(), look.policy()));
    shared.set(StateField.DISK_CAP_MB, diskCapMb(look, disk));
    shared.setReal(StateField.FPI_SHARE, Double.isNaN(fpiShare) ? 0 : fpiShare);
    shared.set(StateField.LAST_DECISION, array(steps));
  }

  private long diskCapMb(Look look, @Nullable Disk disk) {
    return disk == null || server.get(LimitSettings.DISK_RESERVE) == 0
        ? 0
        : Math.max(1, look.policy().caps().diskMb(disk, look.sample().maxWalSizeMb()));
  }

  private static @Nullable Change change(Decision decision) {
    return switch (decision) {
      case Decision.Resize resize -> resize.change();
      case Decision.Trial trial -> trial.change();
      case Decision.Blocked blocked -> blocked.change();
      default -> null;
    };
  }

  private static String limitingFactor(Decision decision, @Nullable Change change) {
    if (decision instanceof Decision.Blocked) {
      return "rate_limit";
    }
    if (decision instanceof Decision.AlreadyThere there) {
      return there.limitedBy().text();
    }
    return (change == null ? Limit.NONE : change.limitedBy()).text();
  }

  /** As many steps as the field holds whole. */
  private static String array(List<Step> steps) {
    StringBuilder out = new StringBuilder("[");
    for (Step step : steps) {
      String json =
          new Json()
              .put("check", step.check())
              .put("value", step.value())
              .put("result", step.result())
              .toString();
      if (out.length() + json.length() + 4 > StateField.LAST_DECISION.length()) {
        break;
      }
      out.append(out.length() > 1 ? ", " : "").append(json);
    }
    return out.append(']').toString();
  }
}
