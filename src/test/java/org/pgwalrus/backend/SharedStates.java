package org.pgwalrus.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Shared state in memory of our own, for tests without a server. */
public final class SharedStates {

  private SharedStates() {}

  /** A state in which every field is zero or empty. */
  public static SharedState inMemory() {
    return inMemory(StateField.values());
  }

  /** The progress of a job that shows nothing yet. */
  public static SharedState progressInMemory() {
    return inMemory(ProgressField.values());
  }

  private static SharedState inMemory(SharedField[] fields) {
    MemorySegment[] memory = new MemorySegment[fields.length];
    for (SharedField field : fields) {
      memory[field.ordinal()] = Arena.ofAuto().allocate(field.size(), 8);
    }
    return new SharedState(memory);
  }

  /** What {@code walrus_state_reset()} does. */
  public static void reset(SharedState state) {
    for (StateField field : StateField.values()) {
      if (field.life() == StateField.Life.RESET) {
        clear(state, field);
      }
    }
  }

  private static void clear(SharedState state, StateField field) {
    boolean array = field.count() != null;
    switch (field.type()) {
      case TEXT -> state.set(field, "");
      case DOUBLE -> {
        if (array) {
          state.setReals(field, new double[0]);
        } else {
          state.setReal(field, 0);
        }
      }
      default -> {
        if (array) {
          state.setNumbers(field, new int[0]);
        } else {
          state.set(field, 0);
        }
      }
    }
  }
}
