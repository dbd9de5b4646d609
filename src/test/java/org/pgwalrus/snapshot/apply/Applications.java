package org.pgwalrus.snapshot.apply;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.Snapshots;

/** Snapshots that are applied to databases of one cluster. */
public record Applications(TestCluster cluster) {

  /** Queues one as superuser; the number of its job. */
  public String start(String database, String path, String arguments) {
    return start("postgres", database, path, arguments);
  }

  /** Queues one as a role; the number of its job, or SQLSTATE and message of a refusal. */
  public String start(String role, String database, String path, String arguments) {
    try (Connection connection = cluster.connect(role, database);
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT steep_repl.start_apply('" + path + "'" + arguments + ")");
      try (ResultSet row =
          statement.executeQuery(
              "SELECT max(id) FROM steep_repl.work_queue WHERE operation = 'snapshot_apply'")) {
        row.next();
        return row.getString(1);
      }
    } catch (SQLException e) {
      return e.getSQLState() + " " + e.getMessage();
    }
  }

  /** A column of the row of a job. */
  public String of(String database, String job, String column) {
    return String.valueOf(
        Databases.value(
            cluster,
            database,
            "SELECT " + column + " FROM steep_repl.work_queue WHERE id = " + job));
  }

  public void await(String database, String job, String status) {
    Wait.until(
        () ->
            "job is "
                + of(database, job, "status || ': ' || coalesce(error_message, '')")
                + "\n"
                + cluster.log(),
        Snapshots.SOON,
        () -> of(database, job, "status").equals(status) && isUndone(database, job));
  }

  private boolean isUndone(String database, String job) {
    return of(database, job, "needs_undo").equals("f");
  }

  /** Applies one to the end. */
  public void apply(String database, String path, String arguments) {
    await(database, start(database, path, arguments), "complete");
  }

  /** Why one failed. */
  public String failure(String database, String path, String arguments) {
    String job = start(database, path, arguments);
    await(database, job, "failed");
    return of(database, job, "error_message");
  }
}
