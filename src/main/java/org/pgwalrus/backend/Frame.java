package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The one block of memory through which arguments, results and errors of a call travel. Every call
 * then has the same C signature, and linking one signature is what FFM start-up costs most.
 */
public final class Frame {

  /** Integer arguments, and results, of one call. */
  public static final int SLOTS = 4;

  /** Strings of one call. */
  public static final int TEXTS = 4;

  /**
   * Bytes of one string with its closing zero. The longest is the answer to {@code
   * walrus.simulate()}, of 500 steps.
   */
  public static final int TEXT_SIZE = 14 * 1024;

  private static final int RESULTS_OFFSET = SLOTS * 8;
  private static final long TEXTS_OFFSET = 2L * RESULTS_OFFSET;

  /** Bytes of the whole frame. */
  public static final long SIZE = TEXTS_OFFSET + (long) TEXTS * TEXT_SIZE;

  private final MemorySegment memory;
  private final ByteBuffer numbers;

  Frame(MemorySegment memory) {
    this.memory = memory;
    numbers = Numbers.in(memory);
  }

  void putInt(int slot, long value) {
    numbers.putLong(slot * 8, value);
  }

  /**
   * Puts a string that means something only as a whole.
   *
   * @throws IllegalArgumentException when it is too long
   */
  void putText(int slot, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    if (bytes.length >= TEXT_SIZE) {
      throw new IllegalArgumentException(
          "text of " + bytes.length + " bytes is longer than " + (TEXT_SIZE - 1));
    }
    put(slot, bytes, bytes.length);
  }

  /** Whether a string can be put as a whole. */
  public static boolean fits(String value) {
    return value.getBytes(StandardCharsets.UTF_8).length < TEXT_SIZE;
  }

  /** The string, cut to what can be put as a whole. */
  public static String fitting(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    int length = wholeCharacters(bytes, TEXT_SIZE - 1);
    return length == bytes.length ? value : new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  /** Puts a string for a reader, cut to what the slot holds. */
  void putMessage(int slot, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    put(slot, bytes, wholeCharacters(bytes, TEXT_SIZE - 1));
  }

  private void put(int slot, byte[] bytes, int length) {
    long offset = TEXTS_OFFSET + (long) slot * TEXT_SIZE;
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, length);
    memory.set(ValueLayout.JAVA_BYTE, offset + length, (byte) 0);
  }

  long result(int slot) {
    return numbers.getLong(RESULTS_OFFSET + slot * 8);
  }

  String text(int slot) {
    return memory.getString(TEXTS_OFFSET + (long) slot * TEXT_SIZE);
  }

  /** The error that the guard left in the frame. */
  PgException error() {
    return new PgException(sqlState((int) result(0)), text(0), text(1), text(2));
  }

  /** Unpacks a SQLSTATE as {@code PGUNSIXBIT} in utils/elog.h does. */
  static String sqlState(int packed) {
    char[] state = new char[5];
    int rest = packed;
    for (int i = 0; i < state.length; i++) {
      state[i] = (char) ((rest & 0x3F) + '0');
      rest >>= 6;
    }
    return new String(state);
  }

  /** The longest length up to {@code limit} that does not cut a UTF-8 character in two. */
  static int wholeCharacters(byte[] utf8, int limit) {
    if (utf8.length <= limit) {
      return utf8.length;
    }
    int length = limit;
    while (length > 0 && (utf8[length] & 0xC0) == 0x80) {
      length--;
    }
    return length;
  }
}
