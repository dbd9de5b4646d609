package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** A worker's own copy of a struct in shared memory, field by field. */
public final class SharedState {

  private final MemorySegment[] fields;
  private final ByteBuffer[] numbers;

  SharedState(MemorySegment[] fields) {
    this.fields = fields;
    numbers = new ByteBuffer[fields.length];
    for (int i = 0; i < fields.length; i++) {
      numbers[i] = Numbers.in(fields[i]);
    }
  }

  /** The fields whose memory begins at a row of the table. */
  static SharedState in(SymbolTable table, SharedField[] fields, int firstRow) {
    MemorySegment[] memory = new MemorySegment[fields.length];
    for (int i = 0; i < fields.length; i++) {
      memory[i] = table.memory(firstRow + i, fields[i].size(), fields[i].cName());
    }
    return new SharedState(memory);
  }

  /** Reads a whole number of any width. */
  public long get(SharedField field) {
    ByteBuffer number = number(field);
    return switch (field.type()) {
      case BOOL -> number.get(0);
      case INT -> number.getInt(0);
      default -> number.getLong(0);
    };
  }

  /** Writes a whole number of any width. */
  public void set(SharedField field, long value) {
    ByteBuffer number = number(field);
    switch (field.type()) {
      case BOOL -> number.put(0, (byte) (value == 0 ? 0 : 1));
      case INT -> number.putInt(0, Math.toIntExact(value));
      default -> number.putLong(0, value);
    }
  }

  /** Reads a real number. */
  public double real(SharedField field) {
    return number(field).getDouble(0);
  }

  /** Writes a real number, which must be finite: JSON has no others. */
  public void setReal(SharedField field, double value) {
    number(field).putDouble(0, value);
  }

  /** Reads the elements in use of an array of real numbers. */
  public double[] reals(SharedField field) {
    double[] values = new double[inUse(field)];
    MemorySegment.copy(memory(field), ValueLayout.JAVA_DOUBLE, 0, values, 0, values.length);
    return values;
  }

  /** Writes an array of real numbers and its count. */
  public void setReals(SharedField field, double[] values) {
    MemorySegment.copy(values, 0, memory(field), ValueLayout.JAVA_DOUBLE, 0, values.length);
    set(countOf(field), values.length);
  }

  /** Reads the elements in use of an array of whole numbers. */
  public int[] numbers(SharedField field) {
    int[] values = new int[inUse(field)];
    MemorySegment.copy(memory(field), ValueLayout.JAVA_INT, 0, values, 0, values.length);
    return values;
  }

  /** Writes an array of whole numbers and its count. */
  public void setNumbers(SharedField field, int[] values) {
    MemorySegment.copy(values, 0, memory(field), ValueLayout.JAVA_INT, 0, values.length);
    set(countOf(field), values.length);
  }

  private int inUse(SharedField field) {
    return Math.clamp(get(countOf(field)), 0, field.length());
  }

  private static SharedField countOf(SharedField field) {
    return Objects.requireNonNull(field.count(), field.cName());
  }

  /** Adds one to a counter. */
  public void increment(SharedField field) {
    set(field, get(field) + 1);
  }

  /** Writes a text, cut to what the field holds. */
  public void set(SharedField field, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    int length = Frame.wholeCharacters(bytes, field.length() - 1);
    MemorySegment memory = memory(field);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
    memory.set(ValueLayout.JAVA_BYTE, length, (byte) 0);
  }

  /** Reads a text. */
  public String text(SharedField field) {
    return memory(field).getString(0);
  }

  private ByteBuffer number(SharedField field) {
    return numbers[field.ordinal()];
  }

  private MemorySegment memory(SharedField field) {
    return fields[field.ordinal()];
  }
}
