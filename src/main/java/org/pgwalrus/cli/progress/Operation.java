package org.pgwalrus.cli.progress;

import java.sql.SQLException;

/** An operation on the server, as the client can look at it and stop it. */
public interface Operation {

  /** Its id, as the announcements have it. */
  String id();

  /** What the tables say of it now. */
  State look() throws SQLException;

  /** Asks the server to end it; in a session and a thread of its own, as it may have to wait. */
  void cancel() throws SQLException;

  /** Opens another session after the one that was used has been lost. */
  void reconnect();
}
