package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/** What the numbers ask for, before the rate limit and a dry run have their say. */
sealed interface Proposal {

  /**
   * A larger size.
   *
   * @param change what to change
   * @param ceiling what limits it, or {@link Ceiling#NONE}
   */
  record Grow(Change change, Ceiling ceiling) implements Proposal {}

  /** There is reason to grow, but the size is no smaller than this: growth never lowers it. */
  record Keep(GrowthSize size) implements Proposal {}

  /** A smaller size. */
  record Shrink(Change change) implements Proposal {}

  /** Nothing, for this reason. */
  record Rest(Stay stay) implements Proposal {}

  /** Growth and shrinking exclude each other. */
  static Proposal of(Situation situation) {
    Demand demand = Demand.of(situation);
    return demand == null ? shrink(situation) : grow(situation, demand);
  }

  private static Proposal grow(Situation situation, Demand demand) {
    GrowthSize size = GrowthSize.of(situation, demand);
    int currentMb = situation.currentMb();
    if (currentMb >= size.targetMb()) {
      return new Keep(size);
    }
    Limit limit = size.ceiling().limit();
    Change change =
        new Change(
            limit == Limit.MAX ? Change.Kind.CAPPED : Change.Kind.INCREASE,
            demand.trigger(),
            currentMb,
            size.targetMb(),
            size.calculatedMb(),
            limit,
            size.algorithm(),
            situation.state().quietIntervals());
    return new Grow(change, size.ceiling());
  }

  private static Proposal shrink(Situation situation) {
    ShrinkSize size = ShrinkSize.of(situation);
    int currentMb = situation.currentMb();
    Stay.Reason reason = reasonToStay(situation, size);
    if (reason != null) {
      return new Rest(new Stay(reason, currentMb, size.floorMb(), size.targetMb()));
    }
    return new Shrink(
        new Change(
            Change.Kind.DECREASE,
            Trigger.REACTIVE,
            currentMb,
            size.targetMb(),
            size.targetMb(),
            Limit.NONE,
            situation.policy().growth().algorithm(),
            situation.quietIntervals()));
  }

  private static Stay.@Nullable Reason reasonToStay(Situation situation, ShrinkSize size) {
    ShrinkPolicy shrink = situation.policy().shrink();
    int currentMb = situation.currentMb();
    if (!shrink.enabled()) {
      return Stay.Reason.SHRINK_DISABLED;
    }
    if (situation.quietIntervals() < shrink.intervals()) {
      return Stay.Reason.COUNTING;
    }
    if (currentMb <= size.floorMb()) {
      return Stay.Reason.AT_FLOOR;
    }
    return size.targetMb() >= currentMb ? Stay.Reason.NO_GAIN : null;
  }
}
