package org.pgwalrus.jobs;

import static org.pgwalrus.jobs.TrialCluster.note;
import static org.pgwalrus.jobs.TrialCluster.script;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** A client that queues small jobs of one role, and connects anew whenever it is cut off. */
final class JobStream implements AutoCloseable {

  /** What each job does, one note a step. */
  static final List<String> STEPS = List.of("one", "two", "three");

  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final int BURST = 3;
  private static final int ENOUGH = 6;

  private final TestCluster cluster;
  private final String role;
  private final Queue<Long> queued = new ConcurrentLinkedQueue<>();
  private final Thread thread = new Thread(this::run);
  private volatile boolean stopped;
  private volatile @Nullable Connection current;

  private JobStream(TestCluster cluster, String role) {
    this.cluster = cluster;
    this.role = role;
  }

  static JobStream start(TestCluster cluster, String role) {
    JobStream stream = new JobStream(cluster, role);
    stream.thread.start();
    return stream;
  }

  /** The jobs whose commit was confirmed. */
  List<Long> queued() {
    return List.copyOf(queued);
  }

  /** Kills the client, whatever it is doing. */
  void kill() throws SQLException {
    Connection session = current;
    if (session != null) {
      session.abort(Runnable::run);
    }
  }

  private void run() {
    while (!stopped) {
      try (Connection session = cluster.connect(role)) {
        current = session;
        session.setAutoCommit(false);
        while (!stopped) {
          queueSome(session);
        }
      } catch (SQLException e) {
        // Somebody has killed the client or the server.
        Wait.sleep(PAUSE);
      }
    }
  }

  private void queueSome(Connection session) throws SQLException {
    if (waiting(session) < ENOUGH) {
      List<Long> burst = new ArrayList<>();
      for (int i = 0; i < BURST; i++) {
        burst.add(
            TrialCluster.queue(
                session,
                script(
                    note("one"),
                    "sql SELECT pg_sleep(0.05)",
                    note("two"),
                    "busy 0.05",
                    note("three")),
                note("undone")));
      }
      session.commit();
      queued.addAll(burst);
    }
    session.rollback();
    Wait.sleep(PAUSE);
  }

  private static int waiting(Connection session) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT count(*) FROM steep_repl.work_queue WHERE status = 'pending'")) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }

  @Override
  public void close() {
    stop();
  }

  /** Queues nothing more, and waits for what is being queued. */
  void stop() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
