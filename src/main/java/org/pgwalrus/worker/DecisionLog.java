package org.pgwalrus.worker;

import org.pgwalrus.backend.Server;
import org.pgwalrus.sizing.Block;
import org.pgwalrus.sizing.Change;
import org.pgwalrus.sizing.Change.Kind;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Evidence;
import org.pgwalrus.sizing.Limit;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.Stay;

/** Says in the server log what was decided and from which numbers. */
final class DecisionLog {

  private final Server server;
  private final ServerLog log;

  /** Whether missing statistics have been reported since they were last there. */
  private boolean reportedUnavailable;

  DecisionLog(Server server) {
    this.server = server;
    this.log = new ServerLog(server);
  }

  /**
   * What the engine concluded; what is done about it is reported where it is done.
   *
   * @param policy the policy that it followed
   */
  void explain(Decision decision, Policy policy) {
    int ceilingMb = Policy.ceilingMb(policy.maxMb(), server.walSegmentMb());
    switch (decision) {
      case Decision.Baseline baseline ->
          log.debug(
              "established baseline checkpoint count: " + baseline.requestedCheckpoints(),
              "Cause: " + baseline.cause() + ".");
      case Decision.Unavailable _ -> unavailable();
      case Decision.Quiet quiet -> explain(quiet);
      case Decision.AlreadyThere there -> explain(there, ceilingMb);
      case Decision.Resize resize ->
          limit(resize.change(), resize.evidence(), resize.reportLimit(), ceilingMb);
      case Decision.Trial trial ->
          limit(trial.change(), trial.evidence(), trial.reportLimit(), ceilingMb);
      case Decision.Blocked blocked ->
          limit(blocked.change(), blocked.evidence(), blocked.reportLimit(), ceilingMb);
      case Decision.Waiting _ -> {}
    }
    reportedUnavailable = decision instanceof Decision.Unavailable;
  }

  private void unavailable() {
    if (!reportedUnavailable) {
      log.warn("checkpoint statistics unavailable, skipping cycle", "", "");
    }
  }

  private void explain(Decision.Quiet quiet) {
    String detail = detail(quiet.evidence());
    Stay stay = quiet.stay();
    log.debug("quiet interval, " + quiet.quietIntervals() + " in a row", detail);
    if (stay.reason() == Stay.Reason.AT_FLOOR) {
      log.debug(
          "skipping shrink, max_wal_size ("
              + stay.currentMb()
              + " MB) already at or below min_size ("
              + stay.floorMb()
              + " MB)",
          detail);
    } else if (stay.reason() == Stay.Reason.NO_GAIN) {
      log.debug(
          "skipping shrink, calculated size ("
              + stay.targetMb()
              + " MB) >= current ("
              + stay.currentMb()
              + " MB)",
          detail);
    }
  }

  private void explain(Decision.AlreadyThere there, int ceilingMb) {
    String detail = detail(there.evidence());
    if (there.reportLimit()) {
      limit(there.limitedBy(), there.calculatedMb(), there.targetMb(), detail, ceilingMb);
      if (there.limitedBy() == Limit.MAX && there.currentMb() > ceilingMb) {
        log.log(
            "max_wal_size ("
                + there.currentMb()
                + " MB) is above walrus.max ("
                + ceilingMb
                + " MB) and left alone",
            "");
      }
    }
    log.debug("max_wal_size already at maximum (" + there.currentMb() + " MB)", detail);
  }

  private void limit(Change change, Evidence evidence, boolean report, int ceilingMb) {
    if (report) {
      limit(change.limitedBy(), change.calculatedMb(), change.toMb(), detail(evidence), ceilingMb);
    }
  }

  private void limit(Limit limit, int calculatedMb, int targetMb, String detail, int ceilingMb) {
    String requested = "requested max_wal_size of " + calculatedMb + " MB exceeds ";
    switch (limit) {
      case MAX ->
          log.warn(requested + "maximum of " + ceilingMb + " MB; using maximum", detail, "");
      case DISK ->
          log.warn(
              requested + "what the disk of pg_wal allows, " + targetMb + " MB",
              detail,
              "Free space there, drop replication slots that nobody reads, repair archiving, or lower"
                  + " walrus.disk_reserve_pct.");
      case RECOVERY ->
          log.warn(
              requested + "what walrus.recovery_target_sec allows, " + targetMb + " MB",
              detail,
              "");
      case NONE -> {}
    }
  }

  /** A change that is about to be made. */
  void resizing(Change change, Evidence evidence) {
    String sizes = "max_wal_size from " + change.fromMb() + " MB to " + change.toMb() + " MB";
    if (change.kind() == Kind.DECREASE) {
      log.log("shrinking " + sizes, detail(change, evidence));
      return;
    }
    log.log(
        "detected "
            + evidence.delta()
            + " forced checkpoints over "
            + Math.round(evidence.elapsedSeconds())
            + " seconds",
        detail(evidence));
    log.log("resizing " + sizes, detail(change));
  }

  /** A change that is only told of. */
  void wouldResize(Change change, Evidence evidence) {
    log.dryRun(
        "would change max_wal_size from "
            + change.fromMb()
            + " MB to "
            + change.toMb()
            + " MB ("
            + HistoryRows.shortReason(change)
            + ")",
        detail(change, evidence));
  }

  /** A change that the rate limit puts off. */
  void blocked(Change change, Evidence evidence, Block block, int changesPerHour) {
    String what = change.kind() == Kind.DECREASE ? "shrink blocked - " : "adjustment blocked - ";
    String why =
        block.cause() == Block.Cause.COOLDOWN
            ? "cooldown active (" + block.remainingSeconds() + " seconds remaining)"
            : "hourly limit reached (" + block.changesThisHour() + " of " + changesPerHour + ")";
    log.log(what + why, detail(change, evidence));
  }

  /** The numbers behind a decision, in sentences. */
  static String detail(Evidence evidence) {
    return "Requested checkpoints: "
        + evidence.rawDelta()
        + ", of which "
        + evidence.delta()
        + " count as forced by WAL. WAL since the interval began: "
        + evidence.walMb()
        + " MB in "
        + Math.round(evidence.elapsedSeconds())
        + " s; the server forced a checkpoint every "
        + evidence.triggerDistanceMb()
        + " MB.";
  }

  private static String detail(Change change, Evidence evidence) {
    return detail(evidence) + " " + detail(change);
  }

  /** Where the size comes from. */
  private static String detail(Change change) {
    if (change.kind() == Kind.DECREASE) {
      return "Quiet intervals: " + change.quietIntervals() + ".";
    }
    return "Calculated size: "
        + change.calculatedMb()
        + " MB (algorithm "
        + PolicyReader.value(change.algorithm())
        + ", "
        + change.trigger().text()
        + "), limited by: "
        + change.limitedBy().text()
        + ".";
  }
}
