package org.pgwalrus.sizing;

import org.pgwalrus.sizing.Decision.Baseline.Cause;

/**
 * Decides the size of {@code max_wal_size}, once per {@code checkpoint_timeout} and at the onset of
 * a storm, from samples taken more often. The running interval is the only clock: extra samples, as
 * after a reload, decide nothing, and a late one is scaled to the time that it covers.
 */
public final class SizingEngine {

  private SizingEngine() {}

  /**
   * Takes one sample into account and says whether it is time to decide.
   *
   * @param sample the server now
   * @param policy the settings now
   * @param state the state of the previous sample, or {@link State#initial()}
   */
  public static Observation observe(Sample sample, Policy policy, State state) {
    if (sample.requestedCheckpoints() < 0) {
      return new Observation.Undecided(new Decision.Unavailable(), state);
    }
    Interval running = state.interval();
    if (running == null) {
      return baseline(sample, policy, state, Cause.FIRST_SAMPLE);
    }
    Cause broken = running.brokenBy(sample, policy.countMode());
    if (broken != null) {
      return baseline(sample, policy, state, broken);
    }
    Interval interval = running.extendedBy(sample);
    State tracking = state.tracking(interval);
    Trigger trigger = Urgency.of(interval, sample, policy, state.pause());
    return trigger == null
        ? new Observation.Undecided(new Decision.Waiting(), tracking)
        : new Observation.Due(interval, trigger, tracking);
  }

  private static Observation baseline(Sample sample, Policy policy, State state, Cause cause) {
    Interval next = Interval.startingAt(sample, policy.countMode());
    return new Observation.Undecided(
        new Decision.Baseline(sample.requestedCheckpoints(), cause), state.rebased(next));
  }

  /**
   * Decides an interval that is due.
   *
   * @param due what {@link #observe} made of the sample
   * @param sample the same sample
   * @param policy the same settings
   * @param conditions what surrounds the decision
   */
  public static Outcome decide(
      Observation.Due due, Sample sample, Policy policy, Conditions conditions) {
    Situation situation = Situation.of(due, sample, policy, conditions);
    Interval next = due.interval().followedAt(sample);
    Proposal proposal = Proposal.of(situation);
    if (proposal instanceof Proposal.Rest rest) {
      return rest(situation, next, rest.stay());
    }
    if (proposal instanceof Proposal.Shrink shrink) {
      return shrink(situation, next, shrink.change());
    }
    if (proposal instanceof Proposal.Keep keep) {
      return keep(situation, next, keep.size());
    }
    return grow(situation, next, (Proposal.Grow) proposal);
  }

  private static Outcome rest(Situation situation, Interval next, Stay stay) {
    int quiet = situation.quietIntervals();
    return outcome(
        situation,
        new Decision.Quiet(situation.evidence(), quiet, stay),
        situation.state().quiet(next, situation.rates(), quiet));
  }

  private static Outcome shrink(Situation situation, Interval next, Change change) {
    return outcome(
        situation,
        permitted(situation, change, /* reportLimit= */ false),
        situation.state().quiet(next, situation.rates(), situation.quietIntervals()));
  }

  private static Outcome keep(Situation situation, Interval next, GrowthSize size) {
    Ceiling ceiling = size.ceiling();
    Decision decision =
        new Decision.AlreadyThere(
            situation.evidence(),
            situation.currentMb(),
            size.targetMb(),
            size.calculatedMb(),
            ceiling.limit(),
            toReport(ceiling, situation));
    Pause pause = Pause.after(situation.sample(), situation.policy());
    return outcome(
        situation, decision, situation.state().pressed(next, situation.rates(), ceiling, pause));
  }

  private static Outcome grow(Situation situation, Interval next, Proposal.Grow grow) {
    Ceiling ceiling = grow.ceiling();
    Decision decision = permitted(situation, grow.change(), toReport(ceiling, situation));
    Pause pause =
        decision instanceof Decision.Blocked blocked
            ? Pause.after(situation.sample(), situation.policy(), blocked.block())
            : Pause.after(situation.sample(), situation.policy());
    return outcome(
        situation, decision, situation.state().pressed(next, situation.rates(), ceiling, pause));
  }

  private static boolean toReport(Ceiling ceiling, Situation situation) {
    return ceiling.limit() != Limit.NONE && !ceiling.reportedAs(situation.state().reported());
  }

  /** The rate limit comes before the dry run, which is to show what would really happen. */
  private static Decision permitted(Situation situation, Change change, boolean reportLimit) {
    Policy policy = situation.policy();
    Block block = policy.rateLimit().check(situation.ledger(), situation.now());
    if (block != null) {
      return new Decision.Blocked(situation.evidence(), change, block, reportLimit);
    }
    return policy.trial()
        ? new Decision.Trial(situation.evidence(), change, reportLimit)
        : new Decision.Resize(situation.evidence(), change, reportLimit);
  }

  private static Outcome outcome(Situation situation, Decision decision, State next) {
    State state = decision instanceof Decision.Trial ? next.tried(situation.now()) : next;
    return new Outcome(decision, state, Explanation.of(situation, decision));
  }
}
