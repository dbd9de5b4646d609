package org.pgwalrus.sizing;

/** What brought a change about. */
public enum Trigger {
  /** An interval ran its full length. */
  REACTIVE("reactive"),
  /** A running interval has reached the threshold. */
  EARLY("early"),
  /** The measured WAL rate will force checkpoints. */
  PROACTIVE("proactive"),
  /** Somebody asked for it. */
  MANUAL("manual");

  private final String text;

  Trigger(String text) {
    this.text = text;
  }

  /** The name that users see. */
  public String text() {
    return text;
  }
}
