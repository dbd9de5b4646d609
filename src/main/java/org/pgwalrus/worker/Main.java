package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.ForeignServer;

/**
 * What C calls. It reports whatever these methods throw, and the worker goes on: nothing is caught
 * here.
 */
public final class Main {

  private static @Nullable SizingWorker worker;

  private Main() {}

  /** Takes the server's symbol table, once. */
  public static void start(long tableAddress, int rows, String buildId) {
    worker = new SizingWorker(ForeignServer.open(tableAddress, rows, buildId));
  }

  /**
   * Runs a cycle.
   *
   * @param reloaded whether the configuration has been reloaded since the last cycle
   * @return milliseconds until the next cycle is due
   */
  public static long cycle(boolean reloaded) {
    if (worker == null) {
      throw new IllegalStateException("cycle before start");
    }
    return worker.cycle(reloaded);
  }
}
