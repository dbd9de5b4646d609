package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;
import org.pgwalrus.sizing.ChangeLedger;

/** What the history knows that shared memory has forgotten. */
final class Past {

  /**
   * Seconds since each change of the last hour, the oldest first; one that no limit let is marked.
   */
  private static final String LAST_HOUR =
      "SELECT pg_catalog.string_agg(pg_catalog.round(extract(epoch FROM"
          + " pg_catalog.clock_timestamp() - timestamp)) || CASE WHEN metadata->>'source' <> '"
          + Unfinished.SOURCE
          + "' THEN 'm' ELSE '' END, ' ' ORDER BY timestamp, id) FROM (SELECT * FROM walrus.history"
          + " WHERE action IN ('increase', 'capped', 'decrease') AND timestamp"
          + " BETWEEN pg_catalog.clock_timestamp() - interval '1 hour'"
          + " AND pg_catalog.clock_timestamp() ORDER BY timestamp DESC LIMIT 1000) h";

  /** The newest size in force, if it was set before the timeline that the server writes now. */
  private static final String BEFORE_PROMOTION =
      "SELECT new_size_mb FROM (SELECT new_size_mb, metadata FROM walrus.history"
          + " WHERE action IN ('increase', 'capped', 'decrease')"
          + " AND metadata->>'effective' IS DISTINCT FROM 'false'"
          + " ORDER BY timestamp DESC, id DESC LIMIT 1) h"
          + " WHERE (metadata->>'timeline')::int4 < $1::int4"
          + " AND metadata->>'source' IS DISTINCT FROM 'walrus.release'";

  private static final String TIMELINE =
      "SELECT ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name("
          + "pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::int4";

  private final Server server;
  private final ServerLog log;
  private final History history;

  Past(Server server, History history) {
    this.server = server;
    this.log = new ServerLog(server);
    this.history = history;
  }

  /** The timeline that the server writes, 0 if it does not tell. */
  int timeline() {
    try {
      String timeline = server.query(TIMELINE);
      return timeline == null ? 0 : Integer.parseInt(timeline);
    } catch (PgException e) {
      log.warn("could not read the timeline", e);
      return 0;
    }
  }

  /** When changes were made within the last hour, on the clock of the engine. */
  ChangeLedger lastHour(double nowSeconds) {
    String ages = ask(LAST_HOUR, "");
    ChangeLedger ledger = ChangeLedger.none();
    if (ages == null || ages.isEmpty()) {
      return ledger;
    }
    for (String age : ages.split(" ", -1)) {
      boolean manual = age.endsWith("m");
      double when =
          nowSeconds - Double.parseDouble(manual ? age.substring(0, age.length() - 1) : age);
      ledger = manual ? ledger.touched(when) : ledger.with(when);
    }
    return ledger;
  }

  /** The size in MB that was in force on the primary before this server was promoted, or 0. */
  int sizeBeforePromotion(int timeline) {
    String size = ask(BEFORE_PROMOTION, String.valueOf(timeline));
    return size == null ? 0 : Integer.parseInt(size);
  }

  private @Nullable String ask(String query, String parameter) {
    try {
      return history.exists() ? server.query(query, parameter, "") : null;
    } catch (PgException e) {
      log.warn("could not read the history", e);
      return null;
    }
  }
}
