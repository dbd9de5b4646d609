package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The table that the C compiler fills: where each declared thing lies in this very server. Row
 * numbers follow from the declarations, which both sides share by their build id.
 */
final class SymbolTable {

  /** Bytes of a row: address, offset, size. */
  static final int ROW_SIZE = 16;

  private final MemorySegment rows;

  SymbolTable(long address, int count) {
    if (count != Row.count()) {
      throw new IllegalStateException(
          "symbol table has " + count + " rows, " + Row.count() + " expected");
    }
    rows = MemorySegment.ofAddress(address).reinterpret((long) count * ROW_SIZE).asReadOnly();
  }

  /**
   * Takes the table that C passes to a worker's start method.
   *
   * @throws IllegalStateException when library and jar do not belong together
   */
  static SymbolTable open(long address, int count, String buildId) {
    if (!buildId.equals(BuildInfo.BUILD_ID)) {
      throw new IllegalStateException(
          "library and jar are of different builds ("
              + buildId
              + " and "
              + BuildInfo.BUILD_ID
              + "): install both from one build and restart the server");
    }
    return new SymbolTable(address, count);
  }

  /** Whether the server has what the row names. */
  boolean has(int row) {
    return size(row) != 0;
  }

  /** The memory of a variable: exactly its size, so that nothing beyond can be touched. */
  MemorySegment variable(int row, CType type, String name) {
    return memory(row, type.size(), name);
  }

  /** A block of exactly {@code size} bytes. */
  MemorySegment memory(int row, long size, String name) {
    checkSize(row, size, name);
    return MemorySegment.ofAddress(address(row)).reinterpret(size);
  }

  /** Where a field lies in its struct. */
  int offset(int row, CType type, String name) {
    checkSize(row, type.size(), name);
    return constant(row);
  }

  /** A number that the C compiler knew. */
  int constant(int row) {
    return rows.get(ValueLayout.JAVA_INT, row * (long) ROW_SIZE + 8);
  }

  long address(int row) {
    return rows.get(ValueLayout.JAVA_LONG, row * (long) ROW_SIZE);
  }

  /** Bytes, as the C compiler sees them; 0 for what this server does not have. */
  int size(int row) {
    return rows.get(ValueLayout.JAVA_INT, row * (long) ROW_SIZE + 12);
  }

  private void checkSize(int row, long expected, String name) {
    if (size(row) != expected) {
      throw new IllegalStateException(
          name + " has " + size(row) + " bytes in this server, " + expected + " expected");
    }
  }
}
