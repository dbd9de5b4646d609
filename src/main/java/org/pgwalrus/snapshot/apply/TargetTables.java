package org.pgwalrus.snapshot.apply;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.pgwalrus.snapshot.Sql;
import org.pgwalrus.snapshot.files.Manifest;

/** The tables of a snapshot in a database that has them already. */
final class TargetTables {

  private final Target target;
  private final List<Manifest.Table> tables;
  private final List<String> relations = new ArrayList<>();

  TargetTables(Target target, List<Manifest.Table> tables) {
    this.target = target;
    this.tables = tables;
  }

  /**
   * Looks what stands against loading them.
   *
   * @param loaded the files whose rows are in them already
   * @param truncate whether they are to be emptied
   */
  void look(Set<String> loaded, boolean truncate, Problems problems) {
    Target.inBatches(tables, some -> look(some, loaded, truncate, problems));
    if (truncate) {
      target
          .texts("SELECT steep_repl.outside_references(" + array() + ")")
          .forEach(problem -> problems.add("SR008", problem));
    }
  }

  /** Drops what of their partitioned tables another try of a schema builds again. */
  void dropPartitionedKeys() {
    target.rows("SELECT steep_repl.drop_partitioned_keys(" + array() + ")");
  }

  /** What they take up, without their indexes. */
  long bytes() {
    return Long.parseLong(
        target
            .texts(
                "SELECT coalesce(sum(pg_catalog.pg_table_size(r)), 0)::bigint FROM unnest("
                    + array()
                    + ") AS r")
            .getFirst());
  }

  private void look(
      List<Manifest.Table> some, Set<String> loaded, boolean truncate, Problems problems) {
    String wanted = some.stream().map(table -> json(table, loaded)).collect(joining(",", "[", "]"));
    target
        .rows(
            "SELECT p.code, p.problem FROM steep_repl.table_problems("
                + Sql.literal(wanted)
                + ", "
                + truncate
                + ") AS p")
        .forEach(row -> problems.add(row.get(0), row.get(1)));
    relations.addAll(
        target.texts(
            "SELECT c.oid FROM pg_catalog.pg_class AS c"
                + " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
                + " WHERE c.relkind = 'r' AND (n.nspname, c.relname) IN (VALUES "
                + some.stream().map(TargetTables::row).collect(joining(", "))
                + ")"));
  }

  private static String row(Manifest.Table table) {
    return "(" + Sql.literal(table.schema()) + "::name, " + Sql.literal(table.name()) + "::name)";
  }

  private static String json(Manifest.Table table, Set<String> loaded) {
    boolean resumed =
        table.parts().stream().anyMatch(part -> loaded.contains(part.stored().file()));
    return "{\"schema\":"
        + Json.text(table.schema())
        + ",\"name\":"
        + Json.text(table.name())
        + array("columns", table.columns())
        + array("types", table.types())
        + ",\"resumed\":"
        + resumed
        + "}";
  }

  /** A key with its values, nothing without any. */
  private static String array(String key, List<String> values) {
    return values.isEmpty()
        ? ""
        : values.stream().map(Json::text).collect(joining(",", ",\"" + key + "\":[", "]"));
  }

  /** Drops foreign keys and disables triggers, writes them down, and empties tables; or nothing. */
  void setAside(long job, List<Manifest.Table> toBeEmptied) {
    String emptying =
        toBeEmptied.stream()
            .map(table -> "ONLY " + Sql.name(table.schema(), table.name()))
            .collect(joining(", ", "TRUNCATE ", "; "));
    target.rows(
        "BEGIN; SELECT steep_repl.set_foreign_keys_aside("
            + job
            + ", "
            + array()
            + "), steep_repl.set_triggers_aside("
            + job
            + ", "
            + array()
            + "); "
            + (toBeEmptied.isEmpty() ? "" : emptying)
            + "COMMIT");
  }

  private String array() {
    return "'{" + String.join(",", relations) + "}'::oid[]";
  }
}
