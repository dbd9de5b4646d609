package org.pgwalrus.backend;

import java.util.Locale;

/** What SQL functions ask of the worker; the argument and the answer are texts. */
public enum Request {
  /** What the engine would do now. No argument; the answer is a JSON object. */
  RECOMMENDATION(""),
  /** The same, carried out. */
  APPLY("walrus.analyze(apply := true)"),
  /** Runs the engine over given rates. */
  SIMULATE(""),
  /** Hands the size back; the argument is a size in MB or empty. */
  RELEASE("walrus.release()");

  private final String privileged;

  Request(String privileged) {
    this.privileged = privileged;
  }

  /**
   * The SQL function that needs the right to ALTER SYSTEM SET max_wal_size; empty when everybody
   * may ask.
   */
  public String privileged() {
    return privileged;
  }

  /** The name by which SQL asks. */
  public String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
