package org.pgwalrus.cli.snapshot;

import java.util.List;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.OutputOptions;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.progress.Cells;
import org.pgwalrus.cli.progress.Quantities;

/** Snapshots as people read them. */
final class SnapshotText {

  static final List<String> HEADER =
      List.of("SNAPSHOT", "STATUS", "NODE", "TABLES", "SIZE", "CREATED", "PATH");

  private SnapshotText() {}

  static void print(Row row, OutputOptions output, Console console) {
    if (output.isJson()) {
      console.data(row.json());
      return;
    }
    line(console, "Snapshot", row.get("snapshot_id"));
    line(console, "Status", row.get("status"));
    line(console, "Path", row.get("storage_path"));
    line(console, "Node", row.get("source_node_id"));
    line(console, "Applied to", row.get("target_node_id"));
    line(console, "LSN", row.get("lsn"));
    line(console, "Tables", row.get("tables_completed") + " of " + row.get("table_count"));
    line(console, "Size", Quantities.bytes(row.number("size_bytes")));
    line(console, "Compression", row.get("compression"));
    line(console, "Created", row.get("created_at"));
    line(console, "Completed", row.get("completed_at"));
    line(console, "Expires", row.get("expires_at"));
    line(console, "Error", row.get("error_message"));
  }

  private static void line(Console console, String label, String value) {
    if (!value.isEmpty()) {
      console.data((label + ": ").concat(" ".repeat(12 - label.length())) + Cells.printable(value));
    }
  }

  /** The cells of {@link #HEADER}. */
  static List<String> cells(Row row) {
    return List.of(
        row.get("snapshot_id"),
        row.get("status"),
        row.get("source_node_id"),
        row.get("table_count"),
        Quantities.bytes(row.number("size_bytes")),
        row.get("created_at").replaceFirst("\\.\\d+", ""),
        row.get("storage_path"));
  }
}
