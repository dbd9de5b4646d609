package org.pgwalrus.sizing;

import java.util.ArrayList;
import java.util.List;

/** Tells step by step, in the order of the checks, how a decision was reached. */
final class Explanation {

  private final Situation situation;
  private final List<Step> steps = new ArrayList<>();

  private Explanation(Situation situation) {
    this.situation = situation;
  }

  static List<Step> of(Situation situation, Decision decision) {
    Explanation explanation = new Explanation(situation);
    explanation.pressure();
    Demand demand = Demand.of(situation);
    if (demand == null) {
      explanation.shrink(decision);
    } else {
      explanation.growth(demand, decision);
    }
    explanation.permission(decision);
    return List.copyOf(explanation.steps);
  }

  private void add(String check, String value, String result) {
    steps.add(new Step(check, value, result));
  }

  private void pressure() {
    Evidence evidence = situation.evidence();
    long base = situation.due().interval().baseRequested();
    add(
        "requested checkpoints",
        "counter " + (base + evidence.rawDelta()) + ", was " + base,
        evidence.rawDelta() + " in " + Math.round(evidence.elapsedSeconds()) + " s");
    String wal =
        evidence.walMb() + " MB of WAL, forced every " + evidence.triggerDistanceMb() + " MB";
    boolean byWal = situation.due().interval().countMode() == CountMode.WAL;
    add("forced by WAL", byWal ? wal : "all are counted", evidence.delta() + " per interval");
    add(
        "threshold",
        String.valueOf(situation.policy().threshold()),
        situation.pressed() ? "reached" : "not reached");
  }

  private void growth(Demand demand, Decision decision) {
    GrowthSize size = GrowthSize.of(situation, demand);
    if (demand.projectedMb() > 0) {
      add("measured WAL rate", demand.trigger().text(), "needs " + mb(demand.projectedMb()));
    }
    boolean byRate = size.calculatedMb() == demand.projectedMb();
    add(
        "calculated size",
        byRate ? "by that rate" : size.algorithm().text(),
        mb(size.calculatedMb()));
    ceiling(Ceiling.max(situation.sample(), situation.policy()), size);
    ceiling(Ceiling.disk(situation.sample(), situation.policy(), situation.disk()), size);
    ceiling(Ceiling.recovery(situation.policy()), size);
    add(
        "current size",
        mb(situation.currentMb()),
        (decision instanceof Decision.AlreadyThere ? "not below " : "below ")
            + mb(size.targetMb()));
  }

  private void ceiling(Ceiling ceiling, GrowthSize size) {
    if (ceiling.limit() != Limit.NONE) {
      boolean limits = ceiling.limit() == size.ceiling().limit();
      add(ceiling.limit().text(), mb(ceiling.mb()), limits ? "limits" : "does not limit");
    }
  }

  private void shrink(Decision decision) {
    ShrinkPolicy shrink = situation.policy().shrink();
    add("shrinking", shrink.enabled() ? "on" : "off", shrink.enabled() ? "allowed" : "stays");
    if (!shrink.enabled()) {
      return;
    }
    boolean counting =
        decision instanceof Decision.Quiet quiet && quiet.stay().reason() == Stay.Reason.COUNTING;
    add(
        "quiet intervals",
        situation.quietIntervals() + " of " + shrink.intervals(),
        counting ? "stays" : "enough");
    if (counting) {
      return;
    }
    ShrinkSize size = ShrinkSize.of(situation);
    int currentMb = situation.currentMb();
    boolean atFloor = currentMb <= size.floorMb();
    add("floor", mb(size.floorMb()), atFloor ? "stays" : "below current " + mb(currentMb));
    if (!atFloor) {
      boolean gain = size.targetMb() < currentMb;
      add("smaller size", mb(size.targetMb()), gain ? "below current " + mb(currentMb) : "stays");
    }
  }

  private void permission(Decision decision) {
    if (decision instanceof Decision.Blocked blocked) {
      add("rate limit", blocked.block().changesThisHour() + " this hour", blocked.block().reason());
    } else if (decision instanceof Decision.Trial trial) {
      allowed();
      add("dry run", "on", "would " + action(trial.change()));
    } else if (decision instanceof Decision.Resize resize) {
      allowed();
      add("dry run", "off", action(resize.change()));
    }
  }

  private void allowed() {
    int changes = situation.ledger().withinHour(situation.now());
    add("rate limit", changes + " this hour", "allowed");
  }

  private static String action(Change change) {
    return change.kind().text() + " from " + mb(change.fromMb()) + " to " + mb(change.toMb());
  }

  private static String mb(int megabytes) {
    return megabytes + " MB";
  }
}
