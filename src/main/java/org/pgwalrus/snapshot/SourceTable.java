package org.pgwalrus.snapshot;

import java.util.List;

/**
 * A table that is to be copied.
 *
 * @param schema its schema
 * @param name its name
 * @param columns that have values of their own, in order
 * @param types of the columns
 * @param bytes that it takes on disk, with its TOAST table
 * @param blocks of the table itself
 * @param isSplittable whether ranges of its blocks can be read alone
 */
record SourceTable(
    String schema,
    String name,
    List<String> columns,
    List<String> types,
    long bytes,
    long blocks,
    boolean isSplittable) {

  /** For messages and progress. */
  String displayName() {
    return schema + "." + name;
  }
}
