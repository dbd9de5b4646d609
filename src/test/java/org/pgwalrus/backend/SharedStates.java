package org.pgwalrus.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Shared state in memory of our own, for tests without a server. */
public final class SharedStates {

  private SharedStates() {}

  /** A state in which every field is zero or empty. */
  public static SharedState inMemory() {
    StateField[] fields = StateField.values();
    MemorySegment[] memory = new MemorySegment[fields.length];
    for (StateField field : fields) {
      memory[field.ordinal()] = Arena.ofAuto().allocate(field.type().size(), 8);
    }
    return new SharedState(memory);
  }
}
