package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Reads by the offsets and sizes in the symbol table: one jar for every major version. */
final class LayoutTableReader implements StructReader {

  private final ByteBuffer checkpointTimeout;
  private final ByteBuffer maxWalSize;
  private final long statsSize;
  private final long requestedOffset;
  private final long timedOffset;

  LayoutTableReader(SymbolTable table) {
    checkpointTimeout = variable(table, Global.CHECKPOINT_TIMEOUT);
    maxWalSize = variable(table, Global.MAX_WAL_SIZE);
    statsSize = table.size(Row.checkpointerStats());
    requestedOffset = offset(table, StructField.CHECKPOINTER_REQUESTED);
    timedOffset = offset(table, StructField.CHECKPOINTER_TIMED);
  }

  static ByteBuffer variable(SymbolTable table, Global global) {
    return Numbers.in(table.variable(Row.of(global), global.type(), global.cName()).asReadOnly());
  }

  private static long offset(SymbolTable table, StructField field) {
    return table.offset(Row.of(field), field.type(), field.struct() + "." + field.macro());
  }

  @Override
  public int checkpointTimeoutSeconds() {
    return checkpointTimeout.getInt(0);
  }

  @Override
  public int maxWalSizeMb() {
    return maxWalSize.getInt(0);
  }

  @Override
  public MemorySegment checkpointerStats(long address) {
    return MemorySegment.ofAddress(address).reinterpret(statsSize).asReadOnly();
  }

  @Override
  public long requested(MemorySegment stats) {
    return stats.get(ValueLayout.JAVA_LONG, requestedOffset);
  }

  @Override
  public long timed(MemorySegment stats) {
    return stats.get(ValueLayout.JAVA_LONG, timedOffset);
  }
}
