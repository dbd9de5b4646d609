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
  private final Frame frame;

  GuardedCalls(SymbolTable table) {
    entry = MemorySegment.ofAddress(table.address(Row.call()));
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
    if (enter(call.ordinal()) < 0) {
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

  private int enter(int number) {
    try {
      return (int) CALL.invokeExact(entry, number);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a downcall declares no checked exception", e);
    }
  }
}
