package org.pgwalrus.cluster;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A steady stream of WAL that dirties no page: the volume is as asked for, and checkpoints are
 * quick.
 */
public final class WalLoad implements AutoCloseable {

  private static final long CHUNK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final TestCluster cluster;
  private final int chunkBytes;
  private final Thread thread;
  private final boolean breakable;
  private volatile boolean stopped;
  private volatile @Nullable SQLException failure;

  private WalLoad(TestCluster cluster, double megabytesPerSecond, boolean breakable) {
    this.cluster = cluster;
    this.breakable = breakable;
    this.chunkBytes = (int) (megabytesPerSecond * 1024 * 1024 / 10);
    this.thread = Thread.ofPlatform().name("WAL load").unstarted(this::run);
  }

  /** Begins to write at this rate, until closed. */
  public static WalLoad start(TestCluster cluster, double megabytesPerSecond) {
    return start(new WalLoad(cluster, megabytesPerSecond, false));
  }

  /** The same, where the server is expected to crash, which ends the load. */
  public static WalLoad startUntilCrash(TestCluster cluster, double megabytesPerSecond) {
    return start(new WalLoad(cluster, megabytesPerSecond, true));
  }

  private static WalLoad start(WalLoad load) {
    load.thread.start();
    return load;
  }

  private void run() {
    try (Connection connection = cluster.connect();
        PreparedStatement emit =
            connection.prepareStatement(
                "SELECT pg_logical_emit_message(false, 'load', repeat('x', ?))")) {
      emit.setInt(1, chunkBytes);
      long due = System.nanoTime();
      while (!stopped) {
        emit.execute();
        due += CHUNK_NANOS;
        TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      }
    } catch (SQLException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the load.
   *
   * @throws IllegalStateException when it had ended before, by an error
   */
  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != null && !breakable) {
      throw new IllegalStateException("the load broke off\n" + cluster.log(), failure);
    }
  }
}
