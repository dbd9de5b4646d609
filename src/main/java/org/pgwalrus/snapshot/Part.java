package org.pgwalrus.snapshot;

import static java.util.stream.Collectors.joining;

/**
 * What one COPY brings: a table, or a range of its blocks.
 *
 * @param table the table
 * @param number 1 or greater, 0 for a whole table
 * @param firstBlock the first one
 * @param endBlock the first one that is not in it; that of the last part has no end, as a table may
 *     have grown
 * @param bytes its share of the table's
 */
record Part(SourceTable table, int number, long firstBlock, long endBlock, long bytes) {

  static final long NO_END = Long.MAX_VALUE;

  private static final String FORMAT = " TO STDOUT (FORMAT csv, HEADER, ENCODING ";

  /** The COPY, whose file is in an encoding. */
  String copy(String encoding) {
    return "COPY " + source() + FORMAT + Sql.literal(encoding) + ")";
  }

  private String source() {
    String relation = Sql.name(table.schema(), table.name());
    String columns = table.columns().stream().map(Sql::identifier).collect(joining(", "));
    if (number == 0) {
      return table.columns().isEmpty() ? relation : relation + " (" + columns + ")";
    }
    String range = "ctid >= '(" + firstBlock + ",0)'";
    if (endBlock != NO_END) {
      range += " AND ctid < '(" + endBlock + ",0)'";
    }
    return "(SELECT " + columns + " FROM ONLY " + relation + " WHERE " + range + ")";
  }
}
