package org.pgwalrus.snapshot.apply;

import java.util.List;
import java.util.Set;
import org.pgwalrus.snapshot.Sql;
import org.pgwalrus.snapshot.files.Manifest;

/** What the planner is to know of tables that were loaded. */
final class Statistics {

  private Statistics() {}

  static List<Tasks.Task> tasks(List<Manifest.Table> tables) {
    return tables.stream().map(Statistics::task).toList();
  }

  /** Of a table with children ANALYZE would end and begin transactions, in the middle of a role. */
  private static Tasks.Task task(Manifest.Table table) {
    return new Tasks.Task(
        "BEGIN; ANALYZE " + Sql.name(table.schema(), table.name()) + "; COMMIT",
        table.schema() + "." + table.name(),
        Set.of());
  }
}
