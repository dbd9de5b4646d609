package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The worker's own copy of the shared state, field by field. */
public final class SharedState {

  private final MemorySegment[] fields;

  SharedState(MemorySegment[] fields) {
    this.fields = fields;
  }

  /** Reads a whole number of any width. */
  public long get(StateField field) {
    MemorySegment memory = memory(field);
    return switch (field.type()) {
      case BOOL -> memory.get(ValueLayout.JAVA_BYTE, 0);
      case INT -> memory.get(ValueLayout.JAVA_INT, 0);
      default -> memory.get(ValueLayout.JAVA_LONG, 0);
    };
  }

  /** Writes a whole number of any width. */
  public void set(StateField field, long value) {
    MemorySegment memory = memory(field);
    switch (field.type()) {
      case BOOL -> memory.set(ValueLayout.JAVA_BYTE, 0, (byte) (value == 0 ? 0 : 1));
      case INT -> memory.set(ValueLayout.JAVA_INT, 0, Math.toIntExact(value));
      default -> memory.set(ValueLayout.JAVA_LONG, 0, value);
    }
  }

  /** Adds one to a counter. */
  public void increment(StateField field) {
    set(field, get(field) + 1);
  }

  /** Writes a text, cut to what the field holds. */
  public void set(StateField field, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    int length = Frame.wholeCharacters(bytes, CType.TEXT_SIZE - 1);
    MemorySegment memory = memory(field);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
    memory.set(ValueLayout.JAVA_BYTE, length, (byte) 0);
  }

  /** Reads a text. */
  public String text(StateField field) {
    return memory(field).getString(0);
  }

  private MemorySegment memory(StateField field) {
    return fields[field.ordinal()];
  }
}
