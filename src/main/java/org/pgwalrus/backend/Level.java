package org.pgwalrus.backend;

/** Levels of the server log; guard.c knows them by position. */
public enum Level {
  DEBUG1,
  LOG,
  WARNING
}
