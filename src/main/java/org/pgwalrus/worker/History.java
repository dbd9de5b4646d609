package org.pgwalrus.worker;

import java.util.ArrayDeque;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.StateField;

/**
 * Writes {@code walrus.history}. What cannot be written now is kept and written later; nothing that
 * happens to the table touches the sizing.
 */
final class History {

  /** How many rows wait for the table to come back. */
  static final int MOST_PENDING = 100;

  private static final long RETRY_NANOS = 60_000_000_000L;

  private static final String QUERY_CANCELED = "57014";
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private static final String EXISTS =
      "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE n.nspname = 'walrus' AND c.relname = 'history' AND c.relkind IN ('r', 'p')";

  /** The event is sent by the transaction that makes the row visible. */
  private static final String INSERT =
      "WITH new_row AS (INSERT INTO walrus.history (timestamp, action, old_size_mb, new_size_mb,"
          + " forced_checkpoints, checkpoint_timeout_sec, reason, metadata)"
          + " SELECT timestamptz '2000-01-01 00:00:00+00' + r.at * interval '1 microsecond',"
          + " r.action, r.old_size_mb, r.new_size_mb, r.forced_checkpoints,"
          + " r.checkpoint_timeout_sec, r.reason, r.metadata"
          + " FROM pg_catalog.jsonb_to_record($1::jsonb) AS r(at int8, action text,"
          + " old_size_mb int4, new_size_mb int4, forced_checkpoints int8,"
          + " checkpoint_timeout_sec int4, reason text, metadata jsonb) RETURNING id)"
          + " SELECT id, CASE WHEN $2 <> '' THEN "
          + Events.notifying("$2::jsonb || pg_catalog.jsonb_build_object('id', id)")
          + " END FROM new_row";

  private static final String UPDATE =
      "UPDATE walrus.history SET metadata = metadata || $2::jsonb WHERE id = $1::int8";

  private static final String COUNT_REPEAT =
      "UPDATE walrus.history SET metadata = metadata || pg_catalog.jsonb_build_object("
          + "'repeat_count', coalesce((metadata->>'repeat_count')::int4, 1) + 1)"
          + " WHERE id = $1::int8 RETURNING id";

  private final Server server;
  private final ServerLog log;
  private final Events events;
  private final ArrayDeque<HistoryRow> pending = new ArrayDeque<>();
  private final boolean behindAtStart;
  private long nextTryNanos;
  private boolean reportedMissing;
  private String reportedFailure = "";

  History(Server server, Events events) {
    this.server = server;
    this.log = new ServerLog(server);
    this.events = events;
    behindAtStart = server.state().get(StateField.HISTORY_PENDING) > 0;
    server.state().set(StateField.HISTORY_PENDING, 0);
  }

  /** Whether an earlier worker has ended with rows that it could not write. */
  boolean wasBehind() {
    return behindAtStart;
  }

  /** Whether the table is there. */
  boolean exists() {
    return server.query(EXISTS) != null;
  }

  private boolean existsOrSaysSo() {
    boolean there = exists();
    if (!there && !reportedMissing) {
      log.warn(
          "history table does not exist, skipping history insert",
          "",
          "Run CREATE EXTENSION pg_walrus in database \""
              + server.get(Settings.DATABASE)
              + "\", which walrus.database names.");
    }
    reportedMissing = !there;
    return there;
  }

  /** Whether rows wait because the table could not be written. */
  boolean isBehind() {
    return !pending.isEmpty();
  }

  /** Writes a row now, or when the table is there again. */
  void add(HistoryRow row, long nowNanos) {
    if (pending.size() == MOST_PENDING) {
      pending.removeFirst();
    }
    pending.addLast(row);
    flush(nowNanos);
  }

  /** Tries again what could not be written, once a minute. */
  void retry(long nowNanos) {
    if (!pending.isEmpty() && nowNanos - nextTryNanos >= 0) {
      flush(nowNanos);
    }
  }

  /**
   * Counts one more occurrence of what a row tells.
   *
   * @return whether the row is still there
   */
  boolean repeated(HistoryRow row) {
    if (pending.contains(row)) {
      row.repeat();
      return true;
    }
    try {
      return row.id() != 0 && server.execute(COUNT_REPEAT, String.valueOf(row.id()), "") != null;
    } catch (PgException e) {
      fail(failure(row), e);
      return true;
    }
  }

  /** Adds to a row what has become known after it was written. */
  void amend(HistoryRow row, Json more) {
    if (row.id() == 0) {
      row.metadata.merge(more);
      return;
    }
    try {
      server.execute(UPDATE, String.valueOf(row.id()), more.toString());
    } catch (PgException e) {
      fail("failed to log history", e);
    }
  }

  /** After {@code walrus.reset()}: what has not been written is deleted with the rest. */
  void forget() {
    pending.clear();
    server.state().set(StateField.HISTORY_PENDING, 0);
  }

  private void flush(long nowNanos) {
    nextTryNanos = nowNanos + RETRY_NANOS;
    try {
      insertAll();
    } catch (PgException e) {
      fail(failure(pending.getFirst()), e);
      if (isRowsFault(e)) {
        pending.removeFirst();
      }
    } catch (IllegalArgumentException e) {
      // Too long for the way to the server. The row is lost; the change that it tells of is made.
      log.warn(failure(pending.removeFirst()) + ": " + e.getMessage(), "", "");
    }
    server.state().set(StateField.HISTORY_PENDING, pending.size());
  }

  private void insertAll() {
    try {
      insertPending();
    } catch (PgException e) {
      // The signal that ends the worker ends its statement first, and leaves time for another.
      if (!e.sqlState().equals(QUERY_CANCELED) || !server.interruptPending()) {
        throw e;
      }
      insertPending();
    }
  }

  private void insertPending() {
    if (existsOrSaysSo()) {
      while (!pending.isEmpty()) {
        insert(pending.getFirst());
        pending.removeFirst();
      }
      reportedFailure = "";
    }
  }

  private void insert(HistoryRow row) {
    String payload = events.wanted(row.action) ? row.payload() : "";
    String id;
    try {
      id = server.execute(INSERT, row.columns(), payload);
    } catch (PgException e) {
      if (payload.isEmpty() || isNobodysFault(e)) {
        throw e;
      }
      // The queue of notifications may be full: the row counts for more.
      id = server.execute(INSERT, row.columns(), "");
      log.warn("failed to announce a change", e);
    }
    row.written(id == null ? 0 : Long.parseLong(id));
  }

  private static String failure(HistoryRow row) {
    return switch (row.action) {
      case "skipped" ->
          row.newMb < row.oldMb
              ? "failed to log skipped shrink history"
              : "failed to log skipped history";
      case "dry_run" -> "failed to log dry-run history";
      default -> "failed to log history";
    };
  }

  /** A row that no table of ours would take must not stand in the way of the next. */
  private static boolean isRowsFault(PgException e) {
    return e.sqlState().startsWith("22") || e.sqlState().startsWith("23");
  }

  /** A table that is locked is so without the announcement, too. */
  private static boolean isNobodysFault(PgException e) {
    return e.sqlState().equals(LOCK_NOT_AVAILABLE) || e.sqlState().equals(QUERY_CANCELED);
  }

  private void fail(String what, PgException e) {
    if (!e.message().equals(reportedFailure)) {
      log.warn(what, e);
    }
    reportedFailure = e.message();
  }
}
