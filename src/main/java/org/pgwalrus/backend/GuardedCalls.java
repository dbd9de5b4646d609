package org.pgwalrus.backend;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Calls into the server, each through the guard in C. */
final class GuardedCalls {

  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private final MemorySegment entry;
  private final MemorySegment wake;
  private final Frame frame;

  GuardedCalls(SymbolTable table) {
    entry = MemorySegment.ofAddress(table.address(Row.call()));
    wake = MemorySegment.ofAddress(table.address(Row.wake()));
    frame = new Frame(table.memory(Row.frame(), Frame.SIZE, "the call frame"));
  }

  /** The frame: arguments go in before {@link #invoke}, results come out after it. */
  Frame frame() {
    return frame;
  }

  /**
   * Makes the call.
   *
   * @throws PgException when the server raised an error
   */
  void invoke(Call call) {
    if (enter(entry, call.ordinal()) < 0) {
      throw frame.error();
    }
  }

  /** Writes to the server log; empty detail and hint are left out. */
  void report(Level level, String message, String detail, String hint) {
    frame.putInt(0, level.ordinal());
    frame.putMessage(0, message);
    frame.putMessage(1, detail);
    frame.putMessage(2, hint);
    invoke(Call.REPORT);
  }

  /** Wakes the main thread; this alone may be called on any thread, and never enters the server. */
  void wake() {
    // One that has been woken so often that there is no room for more is awake.
    enter(wake, 0);
  }

  private static int enter(MemorySegment function, int number) {
    try {
      return (int) CALL.invokeExact(function, number);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a downcall declares no checked exception", e);
    }
  }
}
