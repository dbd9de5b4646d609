package org.pgwalrus.backend;

/** Chooses the reader that the build put into the jar. */
final class StructReaders {

  private StructReaders() {}

  static StructReader create(SymbolTable table) {
    return new LayoutTableReader(table);
  }
}
