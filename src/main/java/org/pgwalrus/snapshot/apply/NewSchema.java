package org.pgwalrus.snapshot.apply;

import static java.util.stream.Collectors.joining;

import java.util.List;
import org.pgwalrus.snapshot.Sql;
import org.pgwalrus.snapshot.dump.SchemaArchive;
import org.pgwalrus.snapshot.files.Manifest;

/** What stands against creating the schema of a snapshot. */
final class NewSchema {

  private NewSchema() {}

  /**
   * Looks for tables that are there already, and for schemas, extensions and roles that are not.
   */
  static void look(
      Target target,
      Manifest manifest,
      SchemaArchive archive,
      boolean keepsOwners,
      Problems problems) {
    Target.inBatches(manifest.tables(), some -> lookForTables(target, some, archive, problems));
    List<String> extensions = names(archive, "EXTENSION");
    ask(
        target,
        extensions,
        "SELECT '58P01', pg_catalog.format('extension \"%s\" is not installed on this server',"
            + " v.name) FROM (VALUES %s) AS v(name)"
            + " WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions AS a"
            + " WHERE a.name = v.name)",
        problems);
    if (keepsOwners) {
      lookForOwners(target, archive, problems);
    }
  }

  private static void lookForTables(
      Target target, List<Manifest.Table> some, SchemaArchive archive, Problems problems) {
    String created =
        names(archive, "SCHEMA").stream().map(Sql::literal).collect(joining(",", "ARRAY[", "]"));
    target
        .rows(
            "SELECT CASE WHEN c.oid IS NULL THEN '3F000' ELSE '42P07' END, CASE WHEN c.oid IS NULL"
                + " THEN pg_catalog.format('schema %I does not exist', v.nsp)"
                + " ELSE pg_catalog.format('table %I.%I exists already', v.nsp, v.rel) END"
                + " FROM (VALUES "
                + some.stream()
                    .map(table ->
                        "(" + Sql.literal(table.schema()) + ", " + Sql.literal(table.name()) + ")")
                    .collect(joining(", "))
                + ") AS v(nsp, rel)"
                + " LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = v.nsp"
                + " LEFT JOIN pg_catalog.pg_class AS c"
                + " ON c.relnamespace = n.oid AND c.relname = v.rel"
                + " WHERE c.oid IS NOT NULL OR n.oid IS NULL AND v.nsp <> ALL ("
                + created
                + "::text[])")
        .forEach(row -> problems.add(row.get(0), row.get(1)));
  }

  /** The list of an archive does not tell where a name with spaces begins. */
  private static void lookForOwners(Target target, SchemaArchive archive, Problems problems) {
    List<String> owners =
        archive.entries().stream()
            .map(SchemaArchive.Entry::owner)
            .filter(owner -> !owner.isEmpty())
            .distinct()
            .toList();
    ask(
        target,
        owners,
        "SELECT '42704', pg_catalog.format('role \"%s\" does not exist', v.name)"
            + " FROM (VALUES %s) AS v(name)"
            + " WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = v.name"
            + " OR pg_catalog.right(r.rolname, pg_catalog.length(v.name) + 1) = ' ' || v.name)"
            + " UNION ALL SELECT '42501', pg_catalog.format('nothing can be given to role \"%s\"',"
            + " r.rolname) FROM pg_catalog.pg_roles AS r JOIN (VALUES %s) AS v(name)"
            + " ON v.name = r.rolname WHERE NOT pg_catalog.pg_has_role(r.oid, 'MEMBER')",
        problems);
  }

  private static List<String> names(SchemaArchive archive, String type) {
    return archive.entries().stream()
        .filter(entry -> entry.type().equals(type))
        .map(SchemaArchive.Entry::name)
        .toList();
  }

  private static void ask(Target target, List<String> names, String sql, Problems problems) {
    if (names.isEmpty()) {
      return;
    }
    String values =
        names.stream().map(name -> "(" + Sql.literal(name) + ")").collect(joining(", "));
    target
        .rows(sql.replace("(VALUES %s)", "(VALUES " + values + ")"))
        .forEach(row -> problems.add(row.get(0), row.get(1)));
  }
}
