package org.pgwalrus.snapshot.apply;

import java.util.List;
import java.util.Set;
import org.pgwalrus.snapshot.Sql;
import org.pgwalrus.snapshot.files.Manifest;

/** Materialized views, which a schema creates without their rows. */
final class Views {

  private static final Set<String> ONE_BY_ONE = Set.of("materialized views");

  private Views() {}

  /**
   * What fills all that have no rows yet, in the order of their creation: one may need another.
   *
   * @param excluded has those that had none at the source either
   */
  static List<Tasks.Task> tasks(Target target, List<Manifest.Excluded> excluded) {
    return target
        .rows(
            "SELECT n.nspname, c.relname FROM pg_catalog.pg_class AS c"
                + " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
                + " WHERE c.relkind = 'm' AND NOT c.relispopulated ORDER BY c.oid")
        .stream()
        .map(row ->
            Manifest.Excluded.hollowView(String.valueOf(row.get(0)), String.valueOf(row.get(1))))
        .filter(view -> !excluded.contains(view))
        .map(view ->
            new Tasks.Task(
                "REFRESH MATERIALIZED VIEW " + Sql.name(view.schema(), view.name()),
                view.schema() + "." + view.name(),
                ONE_BY_ONE))
        .toList();
  }
}
