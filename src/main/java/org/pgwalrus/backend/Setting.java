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
      String name, Context context, boolean superuserOnly, String summary, String description) {

    /** A setting that a reload changes. */
    static About sighup(String name, String summary, String description) {
      return new About(name, Context.SIGHUP, false, summary, description);
    }

    /** What superusers alone set, for a session, a role or a database. */
    static About superuser(String name, String summary, String description) {
      return new About(name, Context.SUSET, false, summary, description);
    }

    /** What is read at start decides what code runs in the server, so superusers alone see it. */
    static About postmaster(String name, String summary, String description) {
      return new About(name, Context.POSTMASTER, true, summary, description);
    }
  }

  /** When a setting may change: the server's {@code GucContext}. */
  enum Context {
    /** At server start only. Can be registered only while the library is preloaded. */
    POSTMASTER,
    /** By a reload of the configuration. */
    SIGHUP,
    /** At any time, by a superuser. */
    SUSET
  }

  /** The unit of an integer setting: the server's {@code GUC_UNIT} flags. */
  enum Unit {
    NONE("", ""),
    MB("MB", "GUC_UNIT_MB"),
    MILLISECONDS("ms", "GUC_UNIT_MS"),
    SECONDS("s", "GUC_UNIT_S");

    private final String symbol;
    private final String flag;

    Unit(String symbol, String flag) {
      this.symbol = symbol;
      this.flag = flag;
    }

    /** As the server writes it; empty for a plain number. */
    public String symbol() {
      return symbol;
    }

    /** The flag in C; empty for a plain number. */
    public String flag() {
      return flag;
    }
  }

  /** What a value must pass beyond its type and range: the check hooks of settings.c. */
  enum Check {
    NONE("NULL"),
    /** Zero, or one and more. */
    HEADROOM("walrus_check_headroom"),
    /** No longer than the server's NOTIFY takes a channel's name. */
    CHANNEL("walrus_check_channel"),
    /** Empty, or JSON of any shape; the worker looks into it. */
    JSON("walrus_check_json"),
    /** Empty, or a time zone that the server knows. */
    TIME_ZONE("walrus_check_time_zone");

    private final String function;

    Check(String function) {
      this.function = function;
    }

    /** The hook in C. */
    public String function() {
      return function;
    }
  }

  /** Name, context and texts. */
  About about();

  /** The full name, with its prefix. */
  default String name() {
    return about().name();
  }

  /** The further check of its values. */
  default Check check() {
    return Check.NONE;
  }

  /** A switch. */
  record Bool(About about, boolean defaultValue) implements Setting {}

  /** A whole number between {@code min} and {@code max}, both included, in {@code unit}. */
  record Int(About about, int defaultValue, int min, int max, Unit unit) implements Setting {}

  /** A number between {@code min} and {@code max}, both included. */
  record Real(About about, double defaultValue, double min, double max, Check check)
      implements Setting {}

  /** A string; empty means "not set". */
  record Text(About about, String defaultValue, Check check) implements Setting {}

  /** One of {@code values}; the first is the default. The server stores its position. */
  record Choice(About about, List<String> values) implements Setting {}
}
