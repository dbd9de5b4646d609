package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
import java.util.Optional;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.Session;

/** The table of snapshots. */
final class Snapshots {

  private Snapshots() {}

  /** The row of a snapshot that must be there. */
  static Row find(Session session, String id) throws SQLException {
    return current(session, id).orElseThrow(() -> missing(id));
  }

  static Optional<Row> current(Session session, String id) throws SQLException {
    return Row.of(session.connection(), "snapshots", "snapshot_id", id);
  }

  static CliException missing(String id) {
    return new CliException(
        ExitCode.ERROR,
        "snapshot \"" + id + "\" not found",
        "steep-repl snapshot list shows those that you may see in this database.");
  }
}
