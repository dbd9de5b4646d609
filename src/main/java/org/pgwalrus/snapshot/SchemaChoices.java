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
      "SELECT (SELECT coalesce(string_agg("
          + encoded("name")
          + ", ' '), '')"
          + " FROM unnest(names) AS n(name)) FROM steep_repl.work_queue AS w,"
          + " steep_repl.names_in(w.params -> $2) AS names"
          + " WHERE w.id = $1::bigint AND names IS NOT NULL";

  private static final String INCLUDED_PARTITIONS =
      partitions("steep_repl.chosen_tables(w.params)");
  private static final String EXCLUDED_PARTITIONS =
      partitions("steep_repl.named_tables(steep_repl.names_in(w.params -> 'exclude_tables'))");

  private SchemaChoices() {}

  private static String encoded(String name) {
    return "translate(encode(convert_to(" + name + ", 'UTF8'), 'base64'), E'\\n', '')";
  }

  /** Schemas and names in turn, of those among tables that are partitioned or partitions. */
  private static String partitions(String tables) {
    return "SELECT string_agg("
        + encoded("n.nspname")
        + " || ' ' || "
        + encoded("c.relname")
        + ", ' ' ORDER BY n.nspname, c.relname) FROM steep_repl.work_queue AS w, "
        + tables
        + " AS t JOIN pg_catalog.pg_class AS c ON c.oid = t"
        + " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
        + " WHERE w.id = $1::bigint AND (c.relispartition OR c.relkind = 'p')";
  }

  static SchemaChoice of(Session session) {
    List<String> includeTables = names(session, "include_tables");
    List<String> excludeTables =
        Objects.requireNonNullElse(names(session, "exclude_tables"), List.of());
    return new SchemaChoice(
        names(session, "include_schemas"),
        Objects.requireNonNullElse(names(session, "exclude_schemas"), List.of()),
        includeTables,
        excludeTables,
        includeTables == null ? List.of() : partitions(session, INCLUDED_PARTITIONS),
        excludeTables.isEmpty() ? List.of() : partitions(session, EXCLUDED_PARTITIONS));
  }

  private static List<SchemaChoice.Table> partitions(Session session, String sql) {
    List<String> names = decoded(session.executeAsOwner(sql, String.valueOf(session.id())));
    List<SchemaChoice.Table> tables = new ArrayList<>();
    for (int i = 0; i < names.size(); i += 2) {
      tables.add(new SchemaChoice.Table(names.get(i), names.get(i + 1)));
    }
    return tables;
  }

  private static @Nullable List<String> names(Session session, String list) {
    String encoded = session.executeAsOwner(NAMES, String.valueOf(session.id()), list);
    return encoded == null ? null : decoded(encoded);
  }

  private static List<String> decoded(@Nullable String encoded) {
    List<String> names = new ArrayList<>();
    if (encoded != null) {
      for (String name : encoded.split(" ", 0)) {
        if (!name.isEmpty()) {
          names.add(new String(Base64.getDecoder().decode(name), UTF_8));
        }
      }
    }
    return names;
  }
}
