package org.pgwalrus.cli.progress;

/** Why following came to its end. */
public sealed interface End {

  /** The operation has ended, however it did. */
  record Ended(State state) implements End {}

  /**
   * The user does not want to wait any longer.
   *
   * @param request what has become of the wish to cancel it
   */
  record Detached(Request request) implements End {}

  /** How far the wish to cancel an operation has come. */
  enum Request {
    /** It never reached the server, or was refused. */
    NOT_MADE,

    /** The server has not answered, and may still do what it was asked. */
    UNANSWERED,

    /** The server cancels it, or it had ended before. */
    MADE
  }

  /**
   * It has taken longer than the user wanted to wait.
   *
   * @param request what has become of the wish to cancel it, if there was one
   */
  record TimedOut(State state, Request request) implements End {}
}
