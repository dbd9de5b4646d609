package org.pgwalrus.cluster;

import java.time.Duration;

/** The end of a server process by SIGKILL, after which the server restarts itself. */
public final class Crash {

  private static final Duration SOON = Duration.ofMinutes(2);

  private Crash() {}

  /**
   * Kills a process and returns once the server can be reached again.
   *
   * @return false if it had ended by itself before, so that nothing has happened
   */
  public static boolean of(TestCluster cluster, String pid) {
    int before = cluster.crashRestarts();
    int endsBefore = ends(cluster, pid);
    try {
      Processes.signal(Long.parseLong(pid), "KILL");
    } catch (IllegalStateException e) {
      return false;
    }
    Wait.until(
        () -> "process " + pid + " lives\n" + cluster.log(),
        SOON,
        () -> ends(cluster, pid) > endsBefore);
    if (cluster.logCount("(PID " + pid + ") was terminated by signal 9") == 0) {
      return false;
    }
    Wait.until(
        () -> "no crash restart\n" + cluster.log(), SOON, () -> cluster.crashRestarts() > before);
    cluster.awaitReachable();
    return true;
  }

  private static int ends(TestCluster cluster, String pid) {
    return cluster.logCount("(PID " + pid + ") was terminated by")
        + cluster.logCount("(PID " + pid + ") exited with");
  }
}
