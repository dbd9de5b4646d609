package org.pgwalrus.jobs;

import java.util.Locale;

/** The stages that jobs go through, as progress and notifications name them. */
public enum Phase {
  SCHEMA,
  DATA,
  SEQUENCES,
  INDEXES,
  CONSTRAINTS,
  VERIFY,
  FINALIZING;

  /** The name in SQL and JSON. */
  public String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
