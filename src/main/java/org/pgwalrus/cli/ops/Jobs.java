package org.pgwalrus.cli.ops;

import java.sql.SQLException;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.Session;

/** The table of jobs. */
final class Jobs {

  private Jobs() {}

  /** The row of a job that must be there. */
  static Row find(Session session, long id) throws SQLException {
    return Row.of(session.connection(), "work_queue", "id", id)
        .orElseThrow(() ->
            new CliException(
                ExitCode.ERROR,
                "job " + id + " not found",
                "steep-repl ops list shows those that you may see in this database."));
  }
}
