package org.pgwalrus.snapshot.apply;

import static java.util.stream.Collectors.joining;

import java.util.List;
import org.pgwalrus.snapshot.Sql;
import org.pgwalrus.snapshot.files.Manifest;

/** The sequences of a snapshot in the database that it is loaded into. */
final class Sequences {

  private Sequences() {}

  /** Looks for those that are missing, or that the role may not set. */
  static void look(Target target, List<Manifest.Sequence> sequences, Problems problems) {
    Target.inBatches(
        sequences,
        some ->
            target
                .rows(
                    "SELECT CASE WHEN c.oid IS NULL THEN '42P01' ELSE '42501' END,"
                        + " pg_catalog.format('sequence %I.%I ' || CASE WHEN c.oid IS NULL"
                        + " THEN 'does not exist' ELSE 'may not be set' END, s.nsp, s.rel)"
                        + " FROM (VALUES "
                        + some.stream().map(Sequences::row).collect(joining(", "))
                        + ") AS s(nsp, rel) LEFT JOIN (pg_catalog.pg_class AS c"
                        + " JOIN pg_catalog.pg_namespace AS n"
                        + " ON n.oid = c.relnamespace AND c.relkind = 'S')"
                        + " ON n.nspname = s.nsp AND c.relname = s.rel"
                        + " WHERE c.oid IS NULL"
                        + " OR NOT pg_catalog.has_sequence_privilege(c.oid, 'UPDATE')")
                .forEach(row -> problems.add(row.get(0), row.get(1))));
  }

  private static String row(Manifest.Sequence sequence) {
    return "(" + Sql.literal(sequence.schema()) + ", " + Sql.literal(sequence.name()) + ")";
  }

  /** Sets all; those of format 1 that were never used have no value. */
  static void set(Target target, Manifest manifest) {
    List<Manifest.Sequence> known =
        manifest.sequences().stream()
            .filter(sequence -> sequence.isCalled() || manifest.formatVersion() > 1)
            .toList();
    Target.inBatches(
        known,
        some ->
            target.rows(
                some.stream().map(Sequences::setting).collect(joining(", ", "SELECT ", ""))));
  }

  private static String setting(Manifest.Sequence sequence) {
    return "pg_catalog.setval("
        + Sql.literal(Sql.name(sequence.schema(), sequence.name()))
        + ", "
        + sequence.value()
        + ", "
        + sequence.isCalled()
        + ")";
  }
}
