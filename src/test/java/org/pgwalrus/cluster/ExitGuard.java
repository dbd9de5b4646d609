package org.pgwalrus.cluster;

import java.util.concurrent.atomic.AtomicBoolean;

/** Closes a cluster once: when told to, or when the program is interrupted. */
public final class ExitGuard implements AutoCloseable {

  private final TestCluster cluster;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread hook = new Thread(this::closeCluster);

  private ExitGuard(TestCluster cluster) {
    this.cluster = cluster;
  }

  /** Guards a cluster from now on. */
  public static ExitGuard of(TestCluster cluster) {
    ExitGuard guard = new ExitGuard(cluster);
    Runtime.getRuntime().addShutdownHook(guard.hook);
    return guard;
  }

  /** Whether the cluster is being taken down, so that its errors mean nothing. */
  public boolean isClosed() {
    return closed.get();
  }

  @Override
  public void close() {
    if (closeCluster()) {
      forgetHook();
    }
  }

  private boolean closeCluster() {
    boolean mine = closed.compareAndSet(false, true);
    if (mine) {
      cluster.close();
    }
    return mine;
  }

  private void forgetHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending; the hook will find nothing to do.
    }
  }
}
