package org.pgwalrus.worker;

import org.pgwalrus.backend.ForeignServer;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.ReaderComparison;
import org.pgwalrus.backend.Server;

/** Stands before the real class and reports, after each reload, what both readers read. */
public final class Main {

  private static Server server;
  private static ReaderComparison comparison;

  private Main() {}

  public static void start(long tableAddress, int rows, String buildId) {
    server = ForeignServer.open(tableAddress, rows, buildId);
    comparison = new ReaderComparison(tableAddress, rows);
  }

  public static long cycle(boolean reloaded) {
    if (reloaded) {
      server.report(Level.LOG, "readers: " + comparison.run(), "", "");
    }
    return 1000;
  }
}
