package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;

/** Reads what the server keeps in its own memory. Two ways exist; a test compares them. */
interface StructReader {

  /** {@code checkpoint_timeout}, seconds. */
  int checkpointTimeoutSeconds();

  /** The effective {@code max_wal_size}, MB. */
  int maxWalSizeMb();

  /** The statistics at an address that the server gave, exactly as large as the struct. */
  MemorySegment checkpointerStats(long address);

  long requested(MemorySegment checkpointerStats);

  long timed(MemorySegment checkpointerStats);
}
