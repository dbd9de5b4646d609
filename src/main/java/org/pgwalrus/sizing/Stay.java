package org.pgwalrus.sizing;

/**
 * Why a quiet interval does not make the size shrink.
 *
 * @param reason the first that holds
 * @param currentMb the size now in MB
 * @param floorMb the size in MB that shrinking never goes below
 * @param targetMb the size in MB that it would go to
 */
public record Stay(Reason reason, int currentMb, int floorMb, int targetMb) {

  /** The reasons, in the order in which they are looked at. */
  public enum Reason {
    /** It is switched off. */
    SHRINK_DISABLED,
    /** More quiet intervals are needed. */
    COUNTING,
    /** The size is at or below the floor. */
    AT_FLOOR,
    /** The size would not become smaller. */
    NO_GAIN
  }
}
