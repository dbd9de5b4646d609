package org.pgwalrus.worker;

import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;

/** The worker's voice in the server log: every line names the extension. */
final class ServerLog {

  private static final String PREFIX = "pg_walrus: ";

  private final Server server;

  ServerLog(Server server) {
    this.server = server;
  }

  void debug(String text, String detail) {
    server.report(Level.DEBUG1, PREFIX + text, detail, "");
  }

  void log(String text, String detail) {
    server.report(Level.LOG, PREFIX + text, detail, "");
  }

  /** What a dry run would do, under the name that operators look for. */
  void dryRun(String text, String detail) {
    server.report(Level.LOG, "pg_walrus [DRY-RUN]: " + text, detail, "");
  }

  void warn(String text, String detail, String hint) {
    server.report(Level.WARNING, PREFIX + text, detail, hint);
  }

  /** What failed, with all that the server said about it. */
  void warn(String text, PgException error) {
    warn(text + ": " + error.message(), error.detail(), error.hint());
  }
}
