package org.pgwalrus.cluster;

/** A server whose {@code max_wal_size} is far too small, and a load that shows it. */
public final class Storm {

  /** {@code max_wal_size} of the server, MB: a checkpoint is forced after one or two segments. */
  public static final int SIZE_MB = 64;

  /** The load, MB/s: two checkpoints are forced within a few seconds. */
  public static final double RATE = 12;

  private Storm() {}

  /** A server that has no room, not started. */
  public static TestCluster server() {
    return TestCluster.create().set("max_wal_size", SIZE_MB + "MB").set("min_wal_size", "32MB");
  }

  /** Begins the load. */
  public static WalLoad begin(TestCluster cluster) {
    return WalLoad.start(cluster, RATE);
  }

  /**
   * Takes the room away again, so that the same load is a storm again. A size other than before
   * also ends the pause that follows a decision. A size that the worker has written is in force
   * before: two that write at once are another subject.
   */
  public static void renew(TestCluster cluster, int sizeMb) {
    cluster.awaitState("pending_size_mb", "0", TestCluster.SOON);
    cluster.alterSystem("max_wal_size", sizeMb + "MB").reload();
    Wait.until(
        () -> "max_wal_size is " + cluster.setting("max_wal_size") + "\n" + cluster.log(),
        TestCluster.SOON,
        () -> cluster.setting("max_wal_size").equals(String.valueOf(sizeMb)));
  }
}
