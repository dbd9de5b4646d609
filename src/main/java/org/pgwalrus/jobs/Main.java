package org.pgwalrus.jobs;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.ForeignJobServer;

/** What C calls in a job worker. It reports whatever these methods throw. */
public final class Main {

  private static @Nullable JobRunner runner;

  private Main() {}

  /** Takes the server's symbol table, once. */
  public static void start(long tableAddress, int rows, String buildId) {
    runner =
        new JobRunner(ForeignJobServer.open(tableAddress, rows, buildId), JobKinds.onClassPath());
  }

  /** Runs jobs until none is left; the argument and the result mean nothing here. */
  public static long cycle(boolean reloaded) {
    if (runner == null) {
      throw new IllegalStateException("cycle before start");
    }
    runner.run();
    return 0;
  }
}
