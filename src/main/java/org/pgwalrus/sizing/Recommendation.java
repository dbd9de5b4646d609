package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/**
 * What the engine would do if asked now. It changes nothing, and no rate limit applies to it.
 *
 * @param action what to do
 * @param currentMb the size now in MB
 * @param recommendedMb the size recommended in MB, the current one if nothing is to be done
 * @param reason why, in words
 * @param confidence 0 to 100
 * @param evidence the numbers behind it, or null if there are none
 * @param limitedBy what the recommended size, or the lack of one, comes from
 * @param change the change to make, or null if there is none
 */
public record Recommendation(
    Action action,
    int currentMb,
    int recommendedMb,
    String reason,
    int confidence,
    @Nullable Evidence evidence,
    Limit limitedBy,
    @Nullable Change change) {

  private static final int BASE_CONFIDENCE = 50;
  private static final int MANY_CHECKPOINTS = 10;

  /** What to do. */
  public enum Action {
    INCREASE("increase"),
    DECREASE("decrease"),
    NONE("none"),
    /** Nothing can be said. */
    ERROR("error");

    private final String text;

    Action(String text) {
      this.text = text;
    }

    /** The name that users see. */
    public String text() {
      return text;
    }
  }

  /**
   * The recommendation for this moment.
   *
   * @param sample the server now
   * @param policy the settings now
   * @param conditions what surrounds it
   * @param state the state of the newest sample
   */
  public static Recommendation of(
      Sample sample, Policy policy, Conditions conditions, State state) {
    Observation observation = SizingEngine.observe(sample, policy, state);
    if (observation instanceof Observation.Due due) {
      return of(Situation.of(due, sample, policy, conditions));
    }
    State observed = ((Observation.Undecided) observation).state();
    Decision undecided = ((Observation.Undecided) observation).decision();
    if (undecided instanceof Decision.Waiting && observed.interval() != null) {
      Observation.Due asked = new Observation.Due(observed.interval(), Trigger.REACTIVE, observed);
      return of(Situation.of(asked, sample, policy, conditions));
    }
    int currentMb = sample.maxWalSizeMb();
    return undecided instanceof Decision.Unavailable
        ? error(currentMb, "checkpoint statistics unavailable")
        : none(currentMb, "awaiting baseline checkpoint count", BASE_CONFIDENCE, null, Limit.NONE);
  }

  /** Nothing can be said, for this reason. */
  public static Recommendation error(int currentMb, String reason) {
    return new Recommendation(
        Action.ERROR, currentMb, currentMb, reason, 0, null, Limit.NONE, null);
  }

  private static Recommendation of(Situation situation) {
    Proposal proposal = Proposal.of(situation);
    if (proposal instanceof Proposal.Grow grow) {
      return change(situation, Action.INCREASE, grow.change());
    }
    if (proposal instanceof Proposal.Shrink shrink) {
      return change(situation, Action.DECREASE, shrink.change());
    }
    if (proposal instanceof Proposal.Keep keep) {
      return none(situation, Reason.of(situation, keep), keep.size().ceiling().limit());
    }
    Stay stay = ((Proposal.Rest) proposal).stay();
    return none(situation, Reason.of(situation, stay), Limit.NONE);
  }

  private static Recommendation change(Situation situation, Action action, Change change) {
    return new Recommendation(
        action,
        change.fromMb(),
        change.toMb(),
        Reason.of(situation, change),
        confidence(situation),
        situation.evidence(),
        change.limitedBy(),
        change.by(Trigger.MANUAL));
  }

  private static Recommendation none(Situation situation, String reason, Limit limit) {
    return none(situation.currentMb(), reason, confidence(situation), situation.evidence(), limit);
  }

  private static Recommendation none(
      int currentMb, String reason, int confidence, @Nullable Evidence evidence, Limit limit) {
    return new Recommendation(
        Action.NONE, currentMb, currentMb, reason, confidence, evidence, limit, null);
  }

  /** With a baseline; there is none without an interval. */
  private static int confidence(Situation situation) {
    int confidence = BASE_CONFIDENCE + 15;
    if (situation.sample().requestedCheckpoints() > MANY_CHECKPOINTS) {
      confidence += 20;
    }
    if (situation.quietIntervals() > 0) {
      confidence += 15;
    }
    return confidence;
  }
}
