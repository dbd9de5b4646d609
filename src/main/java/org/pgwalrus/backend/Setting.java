package org.pgwalrus.backend;

import java.util.List;

/**
 * One server setting (GUC), as {@code _PG_init} registers it.
 *
 * <p>The declaration is the only place that knows a default or a range: the C registration, the
 * worker's reads, the table in the README and the test of {@code pg_settings} come from it.
 */
public sealed interface Setting {

  /** What every setting has, whatever its type. */
  record About(
      String name, Context context, boolean superuserOnly, String summary, String description) {}

  /** When a setting may change: the server's {@code GucContext}. */
  enum Context {
    /** At server start only. Can be registered only while the library is preloaded. */
    POSTMASTER,
    /** By a reload of the configuration. */
    SIGHUP
  }

  /** The unit of an integer setting: the server's {@code GUC_UNIT} flags. */
  enum Unit {
    NONE,
    MB
  }

  /** Name, context and texts. */
  About about();

  /** The full name, with its prefix. */
  default String name() {
    return about().name();
  }

  /** A switch. */
  record Bool(About about, boolean defaultValue) implements Setting {}

  /** A whole number between {@code min} and {@code max}, both included, in {@code unit}. */
  record Int(About about, int defaultValue, int min, int max, Unit unit) implements Setting {}

  /** A string; empty means "not set". */
  record Text(About about, String defaultValue) implements Setting {}

  /** One of {@code values}; the first is the default. The server stores its position. */
  record Choice(About about, List<String> values) implements Setting {}
}
