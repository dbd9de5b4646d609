package org.pgwalrus.backend;

/** The choice of a build without jextract: the symbol table, good for every major version. */
final class StructReaders {

  private StructReaders() {}

  static StructReader create(SymbolTable table) {
    return new LayoutTableReader(table);
  }
}
