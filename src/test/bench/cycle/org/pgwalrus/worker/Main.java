package org.pgwalrus.worker;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.pgwalrus.backend.ForeignServer;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.Server;

/**
 * Stands in for the worker's Main in the benchmark, which compiles it and puts it first on the
 * class path: the first cycle runs many cycles of the real {@link SizingWorker} on the real server,
 * each with a sample, and reports the CPU time of the thread.
 */
public final class Main {

  private static final int WARM_UP_CYCLES = 1_000;
  private static final int CLOCK_MONOTONIC = 1;
  private static final int CLOCK_THREAD_CPUTIME_ID = 3;

  private static Server server;

  private Main() {}

  /** Takes the server's symbol table. */
  public static void start(long tableAddress, int rows, String buildId) {
    server = ForeignServer.open(tableAddress, rows, buildId);
  }

  /** Measures when called first; does nothing more until a reload. */
  public static long cycle(boolean reloaded) throws Throwable {
    if (server != null) {
      measure(Integer.getInteger("bench.cycles", 0));
      server = null;
    }
    return 3_600_000;
  }

  private static void measure(int cycles) throws Throwable {
    SizingWorker worker = new SizingWorker(new HastyServer(server));
    Clock clock = new Clock();
    run(worker, WARM_UP_CYCLES);
    long cpu = clock.nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    long wall = clock.nanoseconds(CLOCK_MONOTONIC);
    run(worker, cycles);
    cpu = clock.nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
    wall = clock.nanoseconds(CLOCK_MONOTONIC) - wall;
    String result = cycles + " cycles took " + cpu + " ns of CPU time, " + wall + " ns in all";
    server.report(Level.LOG, "bench: " + result, "", "");
  }

  private static void run(SizingWorker worker, int cycles) {
    for (int i = 0; i < cycles; i++) {
      worker.cycle(false);
    }
  }

  /** The clocks that the rival in C reads too. */
  private static final class Clock {

    private final MethodHandle gettime;
    private final MemorySegment timespec = Arena.global().allocate(16, 8);

    Clock() {
      Linker linker = Linker.nativeLinker();
      gettime =
          linker.downcallHandle(
              linker.defaultLookup().find("clock_gettime").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    }

    long nanoseconds(int clock) throws Throwable {
      int status = (int) gettime.invokeExact(clock, timespec);
      if (status != 0) {
        throw new IllegalStateException("clock_gettime");
      }
      return timespec.get(ValueLayout.JAVA_LONG, 0) * 1_000_000_000L
          + timespec.get(ValueLayout.JAVA_LONG, 8);
    }
  }
}
