package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/**
 * A reason to grow.
 *
 * @param trigger what brought it about
 * @param projectedMb the size in MB that a measured WAL rate needs, 0 where none was looked at
 */
record Demand(Trigger trigger, int projectedMb) {

  /** Little, for a storm at its onset is rarely at its calmest. */
  private static final double EARLY_HEADROOM = 1.1;

  private static final double PROACTIVE_HEADROOM = 1.3;

  /** The reason that a decision finds, or null if it finds none. */
  static @Nullable Demand of(Situation situation) {
    Trigger trigger = situation.due().trigger();
    WalFlow flow = situation.due().interval().flow();
    int foreseenMb =
        foreseen(flow, situation.sample(), situation.policy())
            ? situation.settledNeedMb(flow.current(), PROACTIVE_HEADROOM)
            : 0;
    if (trigger == Trigger.EARLY) {
      double rate = flow.underPressure(situation.sample());
      int neededMb = situation.settledNeedMb(rate, EARLY_HEADROOM);
      return new Demand(trigger, Math.max(neededMb, foreseenMb));
    }
    if (situation.pressed()) {
      return new Demand(trigger, foreseenMb);
    }
    if (foreseenMb == 0 && rising(situation)) {
      return null;
    }
    int projectedMb = Math.max(knownMb(situation), foreseenMb);
    return projectedMb > 0 ? new Demand(Trigger.PROACTIVE, projectedMb) : null;
  }

  /**
   * Whether the last step is ahead of all that is known. Past rates would size a storm that begins
   * just before the deadline by the little that it has written; the next step shows its own.
   */
  private static boolean rising(Situation situation) {
    return situation.policy().growth().earlyReaction()
        && situation.due().interval().flow().latest() > situation.targetRate();
  }

  /** The size in MB that the rates of past intervals need, 0 if there is no reason in them. */
  private static int knownMb(Situation situation) {
    if (!situation.policy().growth().proactive() || !situation.rates().enough()) {
      return 0;
    }
    int neededMb = situation.needMb(situation.targetRate(), PROACTIVE_HEADROOM);
    return exceeds(neededMb, situation.sample()) ? neededMb : 0;
  }

  /** Whether the rate that both of the last two steps sustained will force checkpoints. */
  static boolean foreseen(WalFlow flow, Sample sample, Policy policy) {
    GrowthPolicy growth = policy.growth();
    double headroom = policy.rates().headroomOr(PROACTIVE_HEADROOM);
    return growth.proactive()
        && growth.earlyReaction()
        && exceeds(sample.needMb(flow.sustained(), headroom), sample);
  }

  /** By more than a tenth, so that a rate that goes up and down a little changes nothing. */
  private static boolean exceeds(int neededMb, Sample sample) {
    return 10L * neededMb > 11L * sample.maxWalSizeMb();
  }
}
