package org.pgwalrus.sizing;

/**
 * A change of {@code max_wal_size}, made or not.
 *
 * @param kind what it is recorded as
 * @param trigger what brought it about
 * @param fromMb the size before, in MB
 * @param toMb the size after, in MB, two WAL segments or more
 * @param calculatedMb the size asked for in MB, before limits
 * @param limitedBy what made {@code toMb} of it
 * @param algorithm what a growth was calculated with
 * @param quietIntervals consecutive quiet intervals up to the decision
 */
public record Change(
    Kind kind,
    Trigger trigger,
    int fromMb,
    int toMb,
    int calculatedMb,
    Limit limitedBy,
    Algorithm algorithm,
    int quietIntervals) {

  /** The kinds, named as the history's actions. */
  public enum Kind {
    /** A growth. */
    INCREASE("increase"),
    /** A growth that {@code walrus.max} limited. */
    CAPPED("capped"),
    /** A shrink. */
    DECREASE("decrease");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** The action's name in the history. */
    public String text() {
      return text;
    }
  }

  /** The same, brought about otherwise. */
  Change by(Trigger other) {
    return new Change(
        kind, other, fromMb, toMb, calculatedMb, limitedBy, algorithm, quietIntervals);
  }
}
