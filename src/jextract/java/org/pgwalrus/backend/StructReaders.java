package org.pgwalrus.backend;

/**
 * The choice of a build with jextract: the bindings, good for the one major version of the build.
 */
final class StructReaders {

  private static final int PER_MAJOR = 10_000;

  private StructReaders() {}

  static StructReader create(SymbolTable table) {
    int running = table.constant(Row.serverVersion()) / PER_MAJOR;
    if (running == RehearsalTable.NO_VERSION) {
      return new LayoutTableReader(table);
    }
    int built = BindingsReader.headerVersion() / PER_MAJOR;
    if (built != running) {
      throw new IllegalStateException(
          "jar has bindings of PostgreSQL " + built + ", the server is " + running);
    }
    return new BindingsReader();
  }
}
