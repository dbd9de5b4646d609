package org.pgwalrus.worker;

import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.StateField;

/**
 * Ends what an earlier worker has begun: a size that it wrote and could not load or record any
 * more, because it was killed or could not reach the table, and one that it left before it knew
 * whether it took effect.
 */
final class Unfinished {

  /** The source of a row that was not written by the worker that made the change. */
  static final String SOURCE = "unfinished";

  private static final String NEWEST_CHANGE =
      "SELECT * FROM walrus.history WHERE action IN ('increase', 'capped', 'decrease')"
          + " ORDER BY timestamp DESC, id DESC LIMIT 1";

  /**
   * The size in postgresql.auto.conf and the one before it, if the history does not know it and it
   * is ours: we write plain numbers. Where shared memory cannot tell whether a row is missing, the
   * file must have been written within the minute before the crash, with which the statistics begin
   * anew. What another timeline's rows tell is a matter of the warm start.
   */
  private static final String UNRECORDED =
      "WITH entry AS (SELECT seqno, setting ~ '^[0-9]+$' AS plain,"
          + " sourcefile LIKE '%/postgresql.auto.conf' AS automatic,"
          + " CASE WHEN setting ~ '^[0-9]+$' THEN setting::int8"
          + " ELSE pg_catalog.pg_size_bytes(setting) / 1048576 END AS mb"
          + " FROM pg_catalog.pg_file_settings WHERE name = 'max_wal_size' AND error IS NULL)"
          + " SELECT a.mb || ' ' || b.mb FROM"
          + " (SELECT mb, plain FROM entry WHERE automatic ORDER BY seqno DESC LIMIT 1) a"
          + " CROSS JOIN pg_catalog.pg_stat_file('postgresql.auto.conf') f"
          + " LEFT JOIN ("
          + NEWEST_CHANGE
          + ") h ON true CROSS JOIN LATERAL (SELECT coalesce(h.new_size_mb,"
          + " (SELECT mb FROM entry WHERE NOT automatic ORDER BY seqno DESC LIMIT 1),"
          + " (SELECT boot_val::int8 FROM pg_catalog.pg_settings WHERE name = 'max_wal_size')"
          + ") AS mb) b"
          + " WHERE a.plain AND a.mb <> b.mb"
          + " AND coalesce((h.metadata->>'timeline')::int4, $2::int4) = $2::int4"
          + " AND ($1 = '' OR timestamptz '2000-01-01 00:00:00+00'"
          + " + $1::int8 * interval '1 microsecond' - f.modification"
          + " BETWEEN interval '-1 second' AND interval '1 minute')";

  /** The newest change took effect, and nobody was left to say so. */
  private static final String CONFIRM =
      "UPDATE walrus.history h SET metadata = h.metadata || '{\"effective\": true}' FROM ("
          + NEWEST_CHANGE
          + ") n WHERE h.id = n.id AND NOT h.metadata ? 'effective'"
          + " AND h.new_size_mb = $1::int4 AND (h.metadata->>'timeline')::int4 = $2::int4";

  private final Server server;
  private final ServerLog log;
  private final SizeWriter writer;
  private final History history;

  Unfinished(Server server, SizeWriter writer, History history) {
    this.server = server;
    this.log = new ServerLog(server);
    this.writer = writer;
    this.history = history;
  }

  /** Looks for a change that is not finished, and finishes it. */
  void finish(Look look, Circumstances now) {
    boolean crashed = server.state().get(StateField.GENERATION) <= 1;
    try {
      if (!history.exists()) {
        return;
      }
      String timeline = String.valueOf(now.timeline());
      server.execute(CONFIRM, String.valueOf(look.sample().maxWalSizeMb()), timeline);
      if (crashed || history.wasBehind()) {
        String since = crashed ? String.valueOf(look.stats().resetMicros()) : "";
        String sizes = server.query(UNRECORDED, since, timeline);
        if (sizes != null) {
          int blank = sizes.indexOf(' ');
          finish(
              Integer.parseInt(sizes.substring(blank + 1)),
              Integer.parseInt(sizes.substring(0, blank)),
              look,
              now);
        }
      }
    } catch (PgException e) {
      log.warn("could not look for an unfinished change", e);
    }
  }

  private void finish(int fromMb, int toMb, Look look, Circumstances now) {
    log.log(
        "finishing the change of max_wal_size from " + fromMb + " MB to " + toMb + " MB",
        "It is in postgresql.auto.conf, and the worker that wrote it did not record it.");
    HistoryRow row =
        HistoryRows.without(
            fromMb, toMb, "Begun by a worker that did not finish it", SOURCE, new Json(), now);
    if (look.sample().maxWalSizeMb() == toMb) {
      row.metadata.put("effective", true);
    } else if (!writer.write(
        toMb,
        "ALTER SYSTEM",
        look.nanos(),
        (_, _, effective) -> history.amend(row, new Json().put("effective", effective)))) {
      return;
    }
    history.add(row, look.nanos());
  }
}
