package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;
import org.pgwalrus.backend.bindings.PgHeaders;
import org.pgwalrus.backend.bindings.PgStat_CheckpointerStats;

/** Reads through the bindings that jextract made from the headers of one major version. */
final class BindingsReader implements StructReader {

  /** The version whose headers were read, as {@code PG_VERSION_NUM} has it. */
  static int headerVersion() {
    return PgHeaders.PG_VERSION_NUM();
  }

  @Override
  public int checkpointTimeoutSeconds() {
    return PgHeaders.CheckPointTimeout();
  }

  @Override
  public int maxWalSizeMb() {
    return PgHeaders.max_wal_size_mb();
  }

  @Override
  public MemorySegment checkpointerStats(long address) {
    return MemorySegment.ofAddress(address)
        .reinterpret(PgStat_CheckpointerStats.sizeof())
        .asReadOnly();
  }

  @Override
  public long requested(MemorySegment stats) {
    return PgStat_CheckpointerStats.requested(stats);
  }

  @Override
  public long timed(MemorySegment stats) {
    return PgStat_CheckpointerStats.timed(stats);
  }
}
