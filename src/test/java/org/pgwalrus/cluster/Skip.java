package org.pgwalrus.cluster;

import org.junit.jupiter.api.Assumptions;

/** Skips a test and prints why, since the report only counts it. */
public final class Skip {

  private Skip() {}

  /** Skips the test where something that it needs is not there. */
  public static void unless(boolean there, String reason) {
    if (!there) {
      because(reason);
    }
  }

  /** Skips the test where it is not root that runs it. */
  public static void unlessRoot() {
    unless(Installation.isRoot(), "only root can make what others own");
  }

  /** Skips the test. */
  public static void because(String reason) {
    System.out.println("skipped: " + reason);
    Assumptions.abort(reason);
  }
}
