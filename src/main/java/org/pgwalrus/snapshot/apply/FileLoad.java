package org.pgwalrus.snapshot.apply;

import static java.util.stream.Collectors.joining;

import java.util.List;
import org.pgwalrus.snapshot.Sql;
import org.pgwalrus.snapshot.files.Manifest;
import org.pgwalrus.snapshot.files.StoredFile;

/**
 * One data file that is to be loaded, and the statements that do it.
 *
 * @param table whose rows it has
 * @param part the file
 */
record FileLoad(Manifest.Table table, Manifest.Part part) {

  String file() {
    return part.stored().file();
  }

  /** Bytes of its rows, or of what stands for them where they are not told. */
  long bytes() {
    StoredFile stored = part.stored();
    return stored.uncompressedBytes() == StoredFile.UNKNOWN
        ? stored.sizeBytes()
        : stored.uncompressedBytes();
  }

  /** For messages and progress. */
  String tableName() {
    return table.schema() + "." + table.name();
  }

  /** Whether it is all of its table. */
  boolean isWhole() {
    return table.parts().size() == 1;
  }

  /** Loads several in a transaction that stays open. */
  static String copy(List<FileLoad> loads, String encoding, boolean freezes) {
    return loads.stream()
        .map(load -> load.copy(encoding, freezes && load.isWhole()))
        .collect(joining("; ", "BEGIN; ", ""));
  }

  /**
   * Loads it. A table that is emptied in the same transaction needs no cleaning up afterwards,
   * since its rows can be frozen from the start. The names of the columns in the file have to be
   * those that the manifest tells.
   *
   * @param encoding of the file, empty when it is not told
   * @param freezes whether the table is to be emptied
   */
  private String copy(String encoding, boolean freezes) {
    List<String> columns = table.columns();
    StringBuilder sql = new StringBuilder(freezes ? "TRUNCATE ONLY " + relation() + "; " : "");
    sql.append("COPY ").append(relation());
    if (!columns.isEmpty()) {
      sql.append(columns.stream().map(Sql::identifier).collect(joining(", ", " (", ")")));
    }
    sql.append(" FROM STDIN (FORMAT csv, HEADER ").append(columns.isEmpty() ? "true" : "match");
    if (!encoding.isEmpty()) {
      sql.append(", ENCODING ").append(Sql.literal(encoding));
    }
    return sql.append(freezes ? ", FREEZE)" : ")").toString();
  }

  /** Writes down that files are loaded, and ends the transaction. */
  static String commit(long job, List<FileLoad> loads) {
    return loads.stream()
        .map(
            load -> "(" + job + ", " + Sql.literal(load.file()) + ", " + load.part.rowCount() + ")")
        .collect(
            joining(
                ", ",
                "INSERT INTO steep_repl.applied_files (work_queue_id, file, row_count) VALUES ",
                "; COMMIT"));
  }

  private String relation() {
    return Sql.name(table.schema(), table.name());
  }
}
