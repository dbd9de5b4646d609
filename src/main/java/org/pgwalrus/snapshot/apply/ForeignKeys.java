package org.pgwalrus.snapshot.apply;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.snapshot.Sql;

/** The foreign keys that a job has dropped, on their way back. */
final class ForeignKeys {

  private ForeignKeys() {}

  /** What makes them again, each with a look at all its rows, the largest tables first. */
  static List<Tasks.Task> tasks(Target target, long job) {
    return target
        .rows(
            "SELECT d.relation, d.referenced, d.name, d.relation::regclass"
                + " FROM steep_repl.dropped_constraints AS d WHERE d.work_queue_id = "
                + job
                + " ORDER BY pg_catalog.pg_relation_size(d.relation) DESC NULLS LAST, d.name")
        .stream()
        .map(ForeignKeys::task)
        .toList();
  }

  private static Tasks.Task task(List<@Nullable String> row) {
    String relation = String.valueOf(row.get(0));
    // A foreign key may refer to its own table.
    Set<String> locks = new HashSet<>(List.of(relation, String.valueOf(row.get(1))));
    return new Tasks.Task(
        "SELECT steep_repl.put_foreign_key_back("
            + relation
            + ", "
            + Sql.literal(String.valueOf(row.get(2)))
            + ")",
        String.valueOf(row.get(3)),
        locks);
  }
}
