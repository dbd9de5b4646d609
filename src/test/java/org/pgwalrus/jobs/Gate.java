package org.pgwalrus.jobs;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.pgwalrus.cluster.Databases;

/** What gated jobs of a database wait at, until it is closed as a resource and so opens. */
final class Gate implements AutoCloseable {

  private final Connection holder;

  private Gate(Connection holder) {
    this.holder = holder;
  }

  static Gate shut(JobQueue queue) throws SQLException {
    Connection holder = Databases.connect(queue.cluster(), queue.database());
    try (Statement statement = holder.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(1)");
    }
    return new Gate(holder);
  }

  /** Lets the jobs go on. */
  @Override
  public void close() throws SQLException {
    holder.close();
  }
}
