package org.pgwalrus.cli.progress;

/** Why following came to its end. */
public sealed interface End {

  /** The operation has ended, however it did. */
  record Ended(State state) implements End {}

  /**
   * The user does not want to wait any longer.
   *
   * @param isCancelled whether the server was told to cancel it before
   */
  record Detached(boolean isCancelled) implements End {}

  /** It has taken longer than the user wanted to wait. */
  record TimedOut(State state) implements End {}
}
