package org.pgwalrus.jobs;

/** A job cannot be done; the message says why, for whoever has queued it. */
public final class JobException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** With the text for the queue. */
  public JobException(String message) {
    super(message);
  }
}
