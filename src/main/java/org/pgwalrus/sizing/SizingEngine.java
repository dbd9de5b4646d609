package org.pgwalrus.sizing;

import org.pgwalrus.sizing.Decision.Baseline.Cause;

/**
 * Decides the size of {@code max_wal_size}, once per {@code checkpoint_timeout}, from samples taken
 * more often. The running interval is the only clock: extra samples, as after a reload, decide
 * nothing, and a late one is scaled to the time that it covers.
 */
public final class SizingEngine {

  private SizingEngine() {}

  /**
   * Takes one sample into account.
   *
   * @param sample the server now
   * @param policy the settings now
   * @param state the state of the previous outcome, or {@link State#initial()}
   */
  public static Outcome step(Sample sample, Policy policy, State state) {
    if (sample.requestedCheckpoints() < 0) {
      return new Outcome(new Decision.Unavailable(), state);
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
    if (sample.monotonicSeconds() < interval.deadline(sample.checkpointTimeoutSeconds())) {
      return new Outcome(new Decision.Waiting(), state.tracking(interval));
    }
    return decide(sample, policy, state, interval);
  }

  private static Outcome baseline(Sample sample, Policy policy, State state, Cause cause) {
    Interval next = Interval.startingAt(sample, policy.countMode());
    return new Outcome(
        new Decision.Baseline(sample.requestedCheckpoints(), cause), state.rebased(next));
  }

  private static Outcome decide(Sample sample, Policy policy, State state, Interval interval) {
    Evidence evidence = Evidence.of(interval, sample);
    Interval next = interval.followedAt(sample);
    if (evidence.delta() < policy.threshold()) {
      State quiet = state.quiet(next);
      return new Outcome(new Decision.Quiet(evidence, quiet.quietIntervals()), quiet);
    }
    return grow(sample, policy, state, evidence, next);
  }

  private static Outcome grow(
      Sample sample, Policy policy, State state, Evidence evidence, Interval next) {
    GrowthSize size = GrowthSize.of(sample, policy, evidence.delta());
    int cappedAtMb = size.capped() ? Policy.ceilingMb(policy.maxMb(), sample.walSegmentMb()) : 0;
    boolean reportCap = size.capped() && state.reportedCeilingMb() != cappedAtMb;
    int currentMb = sample.maxWalSizeMb();
    Decision decision =
        currentMb >= size.targetMb()
            ? new Decision.AlreadyThere(
                evidence, currentMb, size.targetMb(), reportCap, size.calculatedMb())
            : new Decision.Grow(
                evidence,
                currentMb,
                size.targetMb(),
                size.calculatedMb(),
                size.capped(),
                reportCap);
    return new Outcome(decision, state.pressed(next, cappedAtMb));
  }
}
