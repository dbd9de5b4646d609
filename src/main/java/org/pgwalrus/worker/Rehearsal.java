package org.pgwalrus.worker;

import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.RehearsalTable;

/**
 * Runs the worker without a server once through baseline, growth and switching, so that the JVM can
 * record in its AOT cache what a real worker will need. Run by the installation.
 */
public final class Rehearsal {

  private static final long MORE_THAN_AN_INTERVAL_MILLIS = 1_100;

  private Rehearsal() {}

  /** Runs the rehearsal; takes no arguments. */
  public static void main(String[] arguments) throws InterruptedException {
    RehearsalTable table = new RehearsalTable();
    Main.start(table.address(), table.rows(), BuildInfo.BUILD_ID);
    Main.cycle(false);
    for (int i = 1; i <= 2; i++) {
      table.requestedCheckpoints(100L * i);
      Thread.sleep(MORE_THAN_AN_INTERVAL_MILLIS);
      Main.cycle(true);
    }
    table.enable(false);
    Main.cycle(true);
  }
}
