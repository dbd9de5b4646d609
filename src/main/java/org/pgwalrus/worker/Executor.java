package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.SharedState;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Block;
import org.pgwalrus.sizing.Change;
import org.pgwalrus.sizing.Change.Kind;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Limit;
import org.pgwalrus.sizing.Policy;

/** Carries decisions out: writes the size, counts, records, announces. */
final class Executor {

  private final Server server;
  private final DecisionLog log;
  private final SizeWriter writer;
  private final History history;
  private final Events events;

  /**
   * The row of the change that was put off last, and what it was, until something is changed or
   * tried.
   */
  private @Nullable HistoryRow skippedRow;

  private String skippedCause = "";

  Executor(Server server, DecisionLog log, SizeWriter writer, History history, Events events) {
    this.server = server;
    this.log = log;
    this.writer = writer;
    this.history = history;
    this.events = events;
  }

  /**
   * Does what a decision asks for.
   *
   * @return whether a size was written
   */
  boolean carryOut(Decision decision, Circumstances now, long nowNanos) {
    announceCeiling(decision, now.policy());
    return switch (decision) {
      case Decision.Resize resize -> {
        log.resizing(resize.change(), resize.evidence());
        HistoryRow row = HistoryRows.applied(resize.change(), resize.evidence(), now);
        yield write(resize.change(), row, now, nowNanos);
      }
      case Decision.Trial trial -> {
        log.wouldResize(trial.change(), trial.evidence());
        server.state().increment(StateField.TOTAL_DRY_RUN);
        skippedCause = "";
        history.add(HistoryRows.trial(trial.change(), trial.evidence(), now), nowNanos);
        yield false;
      }
      case Decision.Blocked blocked -> {
        skip(blocked, now, nowNanos);
        yield false;
      }
      default -> false;
    };
  }

  /** Writes a size, whoever wants it, and records it once the reload has been asked for. */
  boolean write(Change change, HistoryRow row, Circumstances now, long nowNanos) {
    String what = change.kind() == Kind.DECREASE ? "ALTER SYSTEM for shrink" : "ALTER SYSTEM";
    if (!writer.write(change.toMb(), what, nowNanos, verdictOn(row))) {
      return false;
    }
    count(change, now);
    skippedCause = "";
    // What has been done is shown before what may have to wait for a lock.
    server.publishState();
    history.add(row, nowNanos);
    return true;
  }

  /** Adds to a row whether its size is in force, and announces when it is not. */
  private SizeWriter.Verdict verdictOn(HistoryRow row) {
    return (writtenMb, effectiveMb, effective) -> {
      history.amend(row, new Json().put("effective", effective));
      if (!effective) {
        events.send(
            "apply_blocked",
            new Json()
                .put("written_size_mb", writtenMb)
                .put("effective_size_mb", effectiveMb)
                .put("reason", writer.obstacle()));
      }
    };
  }

  private void count(Change change, Circumstances now) {
    SharedState shared = server.state();
    shared.increment(StateField.TOTAL_ADJUSTMENTS);
    shared.increment(
        change.kind() == Kind.DECREASE ? StateField.TOTAL_DECREASES : StateField.TOTAL_INCREASES);
    if (change.kind() == Kind.CAPPED) {
      shared.increment(StateField.TOTAL_CAPPED);
    }
    shared.set(StateField.LAST_ADJUSTMENT_TIME, now.wallMicros());
  }

  /** A server that stays blocked gets one row, which counts. */
  private void skip(Decision.Blocked blocked, Circumstances now, long nowNanos) {
    Block block = blocked.block();
    Change change = blocked.change();
    log.blocked(change, blocked.evidence(), block, now.policy().rateLimit().changesPerHour());
    boolean cooling = block.cause() == Block.Cause.COOLDOWN;
    server
        .state()
        .increment(
            cooling ? StateField.TOTAL_SKIPPED_COOLDOWN : StateField.TOTAL_SKIPPED_HOURLY_LIMIT);
    String cause = block.cause() + " " + change.kind();
    if (cause.equals(skippedCause) && skippedRow != null && history.repeated(skippedRow)) {
      return;
    }
    skippedCause = cause;
    skippedRow = HistoryRows.skipped(change, block, blocked.evidence(), now);
    history.add(skippedRow, nowNanos);
  }

  private void announceCeiling(Decision decision, Policy policy) {
    boolean reached =
        decision instanceof Decision.AlreadyThere there
            ? there.reportLimit() && there.limitedBy() == Limit.MAX
            : decision instanceof Decision.Resize resize
                && resize.reportLimit()
                && resize.change().limitedBy() == Limit.MAX;
    if (reached) {
      events.send(
          "ceiling_reached",
          new Json().put("ceiling_mb", Policy.ceilingMb(policy.maxMb(), server.walSegmentMb())));
    }
  }

  /** Nothing was put off since. */
  void forget() {
    skippedCause = "";
  }
}
