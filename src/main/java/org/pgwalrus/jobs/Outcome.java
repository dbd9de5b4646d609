package org.pgwalrus.jobs;

/**
 * How a job ended.
 *
 * @param status {@code complete}, {@code failed} or {@code cancelled}, as in the queue
 * @param error why, or an empty text
 */
record Outcome(String status, String error) {

  static final Outcome COMPLETE = new Outcome("complete", "");

  static Outcome failed(String error) {
    return new Outcome("failed", error);
  }

  static Outcome cancelled() {
    return new Outcome("cancelled", "cancelled on request");
  }

  boolean isComplete() {
    return status.equals(COMPLETE.status);
  }
}
