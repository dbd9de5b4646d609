package org.pgwalrus.sizing;

/** The reasons of a {@link Recommendation} in words. */
final class Reason {

  private Reason() {}

  /** Why to change the size. */
  static String of(Situation situation, Change change) {
    if (change.kind() == Change.Kind.DECREASE) {
      return situation.quietIntervals()
          + " quiet intervals, recommend decrease to "
          + change.toMb()
          + " MB";
    }
    String cause =
        situation.pressed()
            ? situation.evidence().delta() + " forced checkpoints detected"
            : "proactive: projected WAL exceeds trigger distance";
    if (change.kind() == Change.Kind.CAPPED) {
      return cause
          + ", recommend "
          + change.toMb()
          + " MB (capped from "
          + change.calculatedMb()
          + " MB)";
    }
    String increase = cause + ", recommend increase to " + change.toMb() + " MB";
    return change.limitedBy() == Limit.NONE
        ? increase
        : increase + ", " + limited(change.limitedBy());
  }

  /** Why to leave it. */
  static String of(Situation situation, Proposal.Keep keep) {
    Limit limit = keep.size().ceiling().limit();
    return limit == Limit.DISK || limit == Limit.RECOVERY
        ? limited(limit)
        : "already at maximum ("
            + situation.currentMb()
            + " MB), "
            + situation.evidence().delta()
            + " forced checkpoints detected";
  }

  /** Why to leave it. */
  static String of(Situation situation, Stay stay) {
    int quiet = situation.quietIntervals();
    return switch (stay.reason()) {
      case SHRINK_DISABLED ->
          "low activity (" + situation.evidence().delta() + " forced checkpoints), shrink disabled";
      case COUNTING ->
          "low activity, "
              + quiet
              + " of "
              + situation.policy().shrink().intervals()
              + " quiet intervals needed for shrink";
      case AT_FLOOR ->
          "already at minimum ("
              + stay.currentMb()
              + " MB), "
              + quiet
              + " quiet intervals"
              + " accumulated";
      case NO_GAIN ->
          "shrink target ("
              + stay.targetMb()
              + " MB) not less than current ("
              + stay.currentMb()
              + " MB)";
    };
  }

  private static String limited(Limit limit) {
    return limit == Limit.DISK ? "limited by disk space" : "limited by recovery target";
  }
}
