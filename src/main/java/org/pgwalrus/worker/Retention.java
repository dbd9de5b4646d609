package org.pgwalrus.worker;

import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;

/** Deletes old rows of the history, once an hour, in batches that hold no lock for long. */
final class Retention {

  private static final long HOUR_NANOS = 3_600_000_000_000L;
  private static final int BATCH = 10_000;

  private static final String DELETE =
      "WITH gone AS (DELETE FROM walrus.history WHERE id = ANY (ARRAY("
          + "SELECT id FROM walrus.history"
          + " WHERE timestamp < pg_catalog.now() - $1::int4 * interval '1 day'"
          + " ORDER BY timestamp LIMIT "
          + BATCH
          + ")) RETURNING 1) SELECT pg_catalog.count(*) FROM gone";

  private final Server server;
  private final ServerLog log;
  private final History history;
  private long nextNanos;

  Retention(Server server, History history) {
    this.server = server;
    this.log = new ServerLog(server);
    this.history = history;
    this.nextNanos = server.monotonicNanos();
  }

  /** Does it if it is due, and the table can be written. */
  void clean(long nowNanos) {
    if (nowNanos - nextNanos < 0 || history.isBehind()) {
      return;
    }
    nextNanos = nowNanos + HOUR_NANOS;
    try {
      if (history.exists()) {
        String days = String.valueOf(server.get(OperationSettings.HISTORY_RETENTION));
        long deleted;
        do {
          deleted = Long.parseLong(String.valueOf(server.execute(DELETE, days, "")));
        } while (deleted == BATCH && !server.interruptPending());
      }
    } catch (PgException e) {
      log.warn("failed to cleanup history", e);
    }
  }
}
