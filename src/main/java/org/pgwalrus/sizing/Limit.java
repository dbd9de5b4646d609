package org.pgwalrus.sizing;

/** What a size came to be limited by. */
public enum Limit {
  /** Nothing: it is as calculated. */
  NONE("none"),
  /** The administrator's ceiling. */
  MAX("walrus.max"),
  /** The room on the file system. */
  DISK("disk"),
  /** The time that crash recovery may take. */
  RECOVERY("recovery_target");

  private final String text;

  Limit(String text) {
    this.text = text;
  }

  /** The name that users see. */
  public String text() {
    return text;
  }
}
