package org.pgwalrus.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A symbol table over memory of our own, so that the worker can be run without a server when the
 * cache of its classes is made. Every call succeeds and leaves the frame as it is: libc's {@code
 * abs} has the guard's signature and never answers with a negative number.
 */
public final class RehearsalTable {

  /** The version of a server that is not there, so that nothing is bound to it. */
  static final int NO_VERSION = 0;

  private static final long FIRST_FIELD = 0;
  private static final long SECOND_FIELD = 8;
  private static final long STATS_SIZE = 64;

  private final Arena arena = Arena.global();
  private final MemorySegment rows = arena.allocate((long) Row.count() * SymbolTable.ROW_SIZE, 8);
  private final MemorySegment stats = arena.allocate(STATS_SIZE, 8);

  /** A server with one-second intervals, a one-second sample interval and little WAL allowed. */
  public RehearsalTable() {
    for (Setting setting : Settings.ALL) {
      variable(Row.of(setting), ForeignServer.cType(setting));
      setDefault(setting);
    }
    for (Global global : Global.values()) {
      variable(Row.of(global), global.type());
    }
    for (StateField field : StateField.values()) {
      memory(Row.of(field), field.size());
    }
    for (ProgressField field : ProgressField.values()) {
      memory(Row.of(field), field.size());
    }
    row(Row.of(StructField.CHECKPOINTER_REQUESTED), 0, FIRST_FIELD, CType.LONG.size());
    row(Row.of(StructField.CHECKPOINTER_TIMED), 0, SECOND_FIELD, CType.LONG.size());
    row(Row.checkpointerStats(), 0, 0, STATS_SIZE);
    row(Row.serverVersion(), 0, NO_VERSION, CType.INT.size());
    row(Row.call(), abs(), 0, CType.LONG.size());
    row(Row.wake(), abs(), 0, CType.LONG.size());
    MemorySegment frame = arena.allocate(Frame.SIZE, 8);
    row(Row.frame(), frame.address(), 0, Frame.SIZE);
    frame.set(ValueLayout.JAVA_LONG, Frame.SLOTS * 8L, stats.address());

    setInt(Row.of(Settings.MAX), Settings.MAX.max());
    setInt(Row.of(Settings.THRESHOLD), 1);
    setInt(Row.of(Settings.SAMPLE_INTERVAL), 1);
    // No call here brings numbers of a disk, and an unknown disk is not filled.
    setReal(Row.of(LimitSettings.DISK_RESERVE), 0);
    setInt(Row.of(Global.CHECKPOINT_TIMEOUT), 1);
    setInt(Row.of(Global.MAX_WAL_SIZE), 64);
    setInt(Row.of(Global.WAL_SEGMENT_SIZE), 16 * 1024 * 1024);
    setInt(Row.of(Global.MIN_WAL_SIZE), 32);
    setBool(Row.of(Global.ALLOW_ALTER_SYSTEM), true);
  }

  /** What C passes as the table's address. */
  public long address() {
    return rows.address();
  }

  /** How many rows the table has. */
  public int rows() {
    return Row.count();
  }

  /** Sets {@code walrus.enable}. */
  public void enable(boolean value) {
    setBool(Row.of(Settings.ENABLE), value);
  }

  /** Sets the counter of requested checkpoints. */
  public void requestedCheckpoints(long count) {
    stats.set(ValueLayout.JAVA_LONG, FIRST_FIELD, count);
  }

  private static long abs() {
    return Linker.nativeLinker().defaultLookup().find("abs").orElseThrow().address();
  }

  private void variable(int row, CType type) {
    memory(row, type.size());
  }

  private void memory(int row, int size) {
    row(row, arena.allocate(size, 8).address(), 0, size);
  }

  private void row(int row, long address, long offset, long size) {
    long start = (long) row * SymbolTable.ROW_SIZE;
    rows.set(ValueLayout.JAVA_LONG, start, address);
    rows.set(ValueLayout.JAVA_INT, start + 8, (int) offset);
    rows.set(ValueLayout.JAVA_INT, start + 12, (int) size);
  }

  private void setDefault(Setting setting) {
    switch (setting) {
      case Setting.Bool bool -> setBool(Row.of(bool), bool.defaultValue());
      case Setting.Int number -> setInt(Row.of(number), number.defaultValue());
      case Setting.Real number -> setReal(Row.of(number), number.defaultValue());
      case Setting.Choice choice -> setInt(Row.of(choice), 0);
      case Setting.Text _ -> {
        // A null pointer is an empty text.
      }
    }
  }

  private void setBool(int row, boolean value) {
    at(row, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) (value ? 1 : 0));
  }

  private void setInt(int row, int value) {
    at(row, 4).set(ValueLayout.JAVA_INT, 0, value);
  }

  private void setReal(int row, double value) {
    at(row, 8).set(ValueLayout.JAVA_DOUBLE, 0, value);
  }

  private MemorySegment at(int row, long size) {
    long address = rows.get(ValueLayout.JAVA_LONG, (long) row * SymbolTable.ROW_SIZE);
    return MemorySegment.ofAddress(address).reinterpret(size);
  }
}
