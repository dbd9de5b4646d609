package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;

/** Reads the same server through the layout table and through the reader of the build. */
public final class ReaderComparison {

  private final GuardedCalls calls;
  private final StructReader layoutTable;
  private final StructReader ofTheBuild;

  public ReaderComparison(long tableAddress, int rows) {
    SymbolTable table = new SymbolTable(tableAddress, rows);
    calls = new GuardedCalls(table);
    layoutTable = new LayoutTableReader(table);
    ofTheBuild = StructReaders.create(table);
  }

  /** What both read, with their names. */
  public String run() {
    calls.invoke(Call.CHECKPOINTER_STATS);
    long address = calls.frame().result(0);
    return read(layoutTable, address) + " and " + read(ofTheBuild, address);
  }

  private static String read(StructReader reader, long address) {
    MemorySegment stats = reader.checkpointerStats(address);
    return reader.getClass().getSimpleName()
        + " ["
        + reader.checkpointTimeoutSeconds()
        + ", "
        + reader.maxWalSizeMb()
        + ", "
        + stats.byteSize()
        + ", "
        + reader.requested(stats)
        + ", "
        + reader.timed(stats)
        + "]";
  }
}
