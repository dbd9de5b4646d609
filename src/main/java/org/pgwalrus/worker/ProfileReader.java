package org.pgwalrus.worker;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;
import org.pgwalrus.sizing.Profile;
import org.pgwalrus.sizing.Weekday;

/**
 * Reads {@code walrus.profiles}. The server parses the JSON; each profile comes as one line of
 * fields.
 */
final class ProfileReader {

  private static final String SETTING = "pg_catalog.current_setting('walrus.profiles')::jsonb";

  private static final String COUNT =
      "SELECT CASE pg_catalog.jsonb_typeof("
          + SETTING
          + ") WHEN 'array' THEN pg_catalog.jsonb_array_length("
          + SETTING
          + ") END";

  /** It must fit wherever it is told: into the shared state, a history row, an event. */
  private static final int LONGEST_NAME = 63;

  private static final int FIELDS = 10;
  private static final String SEPARATOR = "\u001f";

  private static final String ELEMENT =
      "SELECT pg_catalog.array_to_string(ARRAY[p->>'name', p->>'start_hour', p->>'end_hour',"
          + " CASE pg_catalog.jsonb_typeof(p->'days') WHEN 'array' THEN (SELECT"
          + " pg_catalog.string_agg(d, ',') FROM pg_catalog.jsonb_array_elements_text(p->'days')"
          + " d) END, p->>'threshold', p->>'shrink_enable', p->>'dry_run', p->>'max_size',"
          + " p->>'min_size', (SELECT pg_catalog.string_agg(k, ', ')"
          + " FROM pg_catalog.jsonb_object_keys(p) k WHERE k NOT IN ('name', 'start_hour',"
          + " 'end_hour', 'days', 'threshold', 'shrink_enable', 'dry_run', 'max_size',"
          + " 'min_size'))], E'\\x1f', '')"
          + " FROM (SELECT "
          + SETTING
          + "->$1::int4 AS p) q WHERE pg_catalog.jsonb_typeof(p) = 'object'";

  private static final String MEGABYTES = "SELECT pg_catalog.pg_size_bytes($1) / 1048576";

  private final Server server;
  private final ServerLog log;

  ProfileReader(Server server) {
    this.server = server;
    this.log = new ServerLog(server);
  }

  /**
   * The profiles as they are set now.
   *
   * @throws IllegalArgumentException naming profile and field that are wrong
   */
  List<Profile> read() {
    String count = count();
    if (count == null) {
      throw new IllegalArgumentException("it must be a JSON array");
    }
    List<Profile> profiles = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(count); i++) {
      profiles.add(profile(i));
    }
    return Profile.checked(profiles);
  }

  /** The check of the setting lets pass what is JSON but no jsonb, as {@code "\\u0000"}. */
  private @Nullable String count() {
    try {
      return server.query(COUNT);
    } catch (PgException e) {
      throw new IllegalArgumentException(e.message(), e);
    }
  }

  private Profile profile(int index) {
    String where = "profile " + (index + 1);
    String line;
    try {
      line = server.query(ELEMENT, String.valueOf(index), "");
    } catch (PgException e) {
      throw new IllegalArgumentException(where + ": " + e.message(), e);
    }
    if (line == null) {
      throw new IllegalArgumentException(where + " must be a JSON object");
    }
    String[] fields = line.split(SEPARATOR, -1);
    if (fields.length != FIELDS) {
      throw new IllegalArgumentException(where + " has texts that are too long or not printable");
    }
    if (fields[0].length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          where + ": name must have at most " + LONGEST_NAME + " characters");
    }
    if (fields[0].isBlank()) {
      throw new IllegalArgumentException(where + ": name is missing");
    }
    where = "profile \"" + fields[0] + "\"";
    if (!fields[9].isEmpty()) {
      log.warn(
          where + " of walrus.profiles has unknown keys: " + fields[9], "They are ignored.", "");
    }
    return new Profile(
        fields[0],
        required(where, "start_hour", fields[1]),
        required(where, "end_hour", fields[2]),
        days(where, fields[3]),
        new Profile.Overrides(
            megabytes(where, "max_size", fields[7]),
            number(where, "threshold", fields[4]),
            truth(where, "shrink_enable", fields[5]),
            megabytes(where, "min_size", fields[8]),
            truth(where, "dry_run", fields[6])));
  }

  private static Set<Weekday> days(String where, String names) {
    Set<Weekday> days = EnumSet.noneOf(Weekday.class);
    for (String name : names.split(",", -1)) {
      try {
        days.add(Weekday.valueOf(name.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            where + ": days must be an array of Mon, Tue, Wed, Thu, Fri, Sat, Sun", e);
      }
    }
    return days;
  }

  private static int required(String where, String field, String text) {
    Integer value = number(where, field, text);
    if (value == null) {
      throw new IllegalArgumentException(where + ": " + field + " is missing");
    }
    return value;
  }

  private static @Nullable Integer number(String where, String field, String text) {
    try {
      return text.isEmpty() ? null : Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          where + ": " + field + " must be a whole number, is " + text, e);
    }
  }

  /** A number of MB, or a text with a unit. */
  private @Nullable Integer megabytes(String where, String field, String text) {
    if (text.isEmpty() || Character.isDigit(text.charAt(text.length() - 1))) {
      return number(where, field, text);
    }
    try {
      return number(where, field, String.valueOf(server.query(MEGABYTES, text, "")));
    } catch (PgException e) {
      throw new IllegalArgumentException(where + ": " + field + " must be a size, is " + text, e);
    }
  }

  private static @Nullable Boolean truth(String where, String field, String text) {
    return switch (text) {
      case "" -> null;
      case "true" -> Boolean.TRUE;
      case "false" -> Boolean.FALSE;
      default ->
          throw new IllegalArgumentException(
              where + ": " + field + " must be true or false, is " + text);
    };
  }
}
