package org.pgwalrus.sizing;

/** The days, in the order of ISO 8601. */
public enum Weekday {
  MON,
  TUE,
  WED,
  THU,
  FRI,
  SAT,
  SUN;

  /** The day before. */
  Weekday previous() {
    return this == MON ? SUN : values()[ordinal() - 1];
  }
}
