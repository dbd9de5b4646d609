package org.pgwalrus.worker;

import org.pgwalrus.backend.ForeignServer;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.Server;

/**
 * Stands before the real class on the class path of a server under test: sizes like the real one,
 * and commits a fault at the start or whenever the setting {@code fault.run} changes. The setting
 * holds a number, which makes each wish a new one, and the fault.
 */
public final class Main {

  private static Server server;
  private static MortalServer mortal;
  private static SizingWorker worker;
  private static String lastWish;

  private Main() {}

  /** Commits the fault of the system property {@code fault.start}, if there is one. */
  public static void start(long tableAddress, int rows, String buildId) {
    server = ForeignServer.open(tableAddress, rows, buildId);
    mortal = MortalServer.around(server);
    worker = new SizingWorker(mortal.asServer());
    String atStart = System.getProperty("fault.start");
    if (atStart != null) {
      new Faults(server, mortal).commit(atStart.replace('-', ' '));
    }
  }

  /** Commits the fault of {@code fault.run} after a reload, except the one found at the start. */
  public static long cycle(boolean reloaded) {
    if (lastWish == null) {
      lastWish = wish();
    } else if (reloaded && !wish().equals(lastWish)) {
      lastWish = wish();
      int blank = lastWish.indexOf(' ');
      String outcome = new Faults(server, mortal).commit(lastWish.substring(blank + 1));
      say(lastWish.substring(0, blank) + ": " + outcome);
    }
    return worker.cycle(reloaded);
  }

  private static String wish() {
    return String.valueOf(server.query("SELECT current_setting('fault.run', true)"));
  }

  private static void say(String text) {
    server.report(Level.LOG, "fault " + text, "", "");
  }
}
