package org.pgwalrus.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.dump.SchemaChoice;

/** Reads from the queue which schemas and tables a snapshot was asked for. */
final class SchemaChoices {

  /** Encoded, as names can have any character. */
  private static final String NAMES =
      "SELECT (SELECT coalesce(string_agg(translate(encode(convert_to(name, 'UTF8'), 'base64'),"
          + " E'\\n', ''), ' '), '')"
          + " FROM unnest(names) AS n(name)) FROM steep_repl.work_queue AS w,"
          + " steep_repl.names_in(w.params -> $2) AS names"
          + " WHERE w.id = $1::bigint AND names IS NOT NULL";

  private SchemaChoices() {}

  static SchemaChoice of(Session session) {
    return new SchemaChoice(
        names(session, "include_schemas"),
        Objects.requireNonNullElse(names(session, "exclude_schemas"), List.of()),
        names(session, "include_tables"),
        Objects.requireNonNullElse(names(session, "exclude_tables"), List.of()));
  }

  private static @Nullable List<String> names(Session session, String list) {
    String encoded = session.executeAsOwner(NAMES, String.valueOf(session.id()), list);
    if (encoded == null) {
      return null;
    }
    List<String> names = new ArrayList<>();
    for (String name : encoded.split(" ", 0)) {
      if (!name.isEmpty()) {
        names.add(new String(Base64.getDecoder().decode(name), UTF_8));
      }
    }
    return names;
  }
}
