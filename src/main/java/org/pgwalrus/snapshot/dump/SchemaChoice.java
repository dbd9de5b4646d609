package org.pgwalrus.snapshot.dump;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which schemas and tables are dumped: the options of pg_dump for what {@code
 * steep_repl.chosen_tables()} chooses. To pg_dump a partitioned table does not mean its partitions,
 * so these are named one by one; its own option for that came with PostgreSQL 16.
 *
 * @param includeSchemas names, null for all
 * @param excludeSchemas names
 * @param includeTables names with their schema or without, null for all
 * @param excludeTables such names
 * @param includePartitions what {@code includeTables} means besides: partitions of those tables,
 *     and the tables that they are partitions of
 * @param excludePartitions partitions of {@code excludeTables}
 */
public record SchemaChoice(
    @Nullable List<String> includeSchemas,
    List<String> excludeSchemas,
    @Nullable List<String> includeTables,
    List<String> excludeTables,
    List<Table> includePartitions,
    List<Table> excludePartitions) {

  /** The schemas of the extensions, which are part of no snapshot. */
  static final Set<String> OWN_SCHEMAS = Set.of("steep_repl", "walrus");

  private static final String ALL = "*";

  /** The longest name of the server, bytes. */
  private static final int LONGEST_NAME = 63;

  /** Names in one pattern, a regular expression on the server. */
  private static final int PATTERN = 100;

  /** A table and its schema. */
  public record Table(String schema, String name) {}

  /** The options. */
  List<String> options() {
    List<String> options = new ArrayList<>();
    List<String> excluded = new ArrayList<>(excludeSchemas);
    OWN_SCHEMAS.stream().sorted().forEach(excluded::add);
    options.add("--exclude-schema=" + any(excluded));
    // Schemas mean nothing to pg_dump as soon as tables are named.
    options.add("--exclude-table=" + any(excluded) + "." + ALL);
    if (includeSchemas != null) {
      options.add(
          includeSchemas.isEmpty() ? "--exclude-schema=" + ALL : "--schema=" + any(includeSchemas));
    }
    if (includeTables != null) {
      included(includeTables).forEach(pattern -> options.add("--table=" + pattern));
    }
    if (includeTables != null && includeTables.isEmpty()) {
      options.add("--exclude-table=" + ALL + "." + ALL);
    }
    if (!excludeTables.isEmpty()) {
      options.add("--exclude-table=" + ALL + "." + any(excludeTables));
      qualified(excludeTables).forEach(table -> options.add("--exclude-table=" + pattern(table)));
    }
    patterns(excludePartitions).forEach(pattern -> options.add("--exclude-table=" + pattern));
    return options;
  }

  private List<String> included(List<String> tables) {
    List<String> patterns = new ArrayList<>();
    if (!tables.isEmpty() && (includeSchemas == null || !includeSchemas.isEmpty())) {
      patterns.add((includeSchemas == null ? ALL : any(includeSchemas)) + "." + any(tables));
    }
    for (Table table : qualified(tables)) {
      if (includeSchemas == null || includeSchemas.contains(table.schema())) {
        patterns.add(pattern(table));
      }
    }
    patterns.addAll(patterns(includePartitions));
    return patterns;
  }

  private static String pattern(Table table) {
    return quote(table.schema()) + "." + quote(table.name());
  }

  /** Patterns for many tables, few enough for a command line. */
  private static List<String> patterns(List<Table> tables) {
    Map<String, List<String>> schemas =
        tables.stream()
            .collect(groupingBy(Table::schema, TreeMap::new, mapping(Table::name, toList())));
    List<String> patterns = new ArrayList<>();
    schemas.forEach((schema, names) -> {
      for (int i = 0; i < names.size(); i += PATTERN) {
        List<String> some = names.subList(i, Math.min(names.size(), i + PATTERN));
        patterns.add(quote(schema) + "." + any(some));
      }
    });
    return patterns;
  }

  /** Each way in which names could be those of a schema and a table. */
  private static List<Table> qualified(List<String> names) {
    List<Table> all = new ArrayList<>();
    for (String name : names) {
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        String schema = name.substring(0, dot);
        String table = name.substring(dot + 1);
        add(all, schema, table);
        add(all, unquote(schema), unquote(table));
      }
    }
    return all.stream().distinct().toList();
  }

  private static void add(List<Table> all, String schema, String table) {
    if (isName(schema) && isName(table)) {
      all.add(new Table(schema, table));
    }
  }

  private static boolean isName(String name) {
    return !name.isEmpty() && name.codePointCount(0, name.length()) <= LONGEST_NAME;
  }

  /** What quote_ident() has made of a name, or the name itself. */
  private static String unquote(String name) {
    return name.length() > 2 && name.startsWith("\"") && name.endsWith("\"")
        ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
        : name;
  }

  /** A pattern for each of some names and no other: what is quoted stands for itself. */
  private static String any(List<String> names) {
    return names.stream().map(SchemaChoice::quote).collect(joining("|", "(", ")"));
  }

  private static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
