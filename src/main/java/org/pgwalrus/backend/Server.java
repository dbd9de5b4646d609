package org.pgwalrus.backend;

import org.jspecify.annotations.Nullable;

/** The server as the worker sees it. To be used on the main thread alone. */
public interface Server {

  boolean get(Setting.Bool setting);

  int get(Setting.Int setting);

  double get(Setting.Real setting);

  /** The text, as far as it is UTF-8. */
  String get(Setting.Text setting);

  /** The chosen value. */
  String get(Setting.Choice setting);

  /** {@code checkpoint_timeout}, seconds. */
  int checkpointTimeoutSeconds();

  /** {@code checkpoint_completion_target}, 0 to 1. */
  double checkpointCompletionTarget();

  /** The effective {@code max_wal_size}, MB. */
  int maxWalSizeMb();

  /** The effective {@code min_wal_size}, MB. */
  int minWalSizeMb();

  /** The size of a WAL segment, MB. */
  int walSegmentMb();

  /** Whether {@code allow_alter_system} is on; true where the setting does not exist. */
  boolean alterSystemAllowed();

  /** Whether a signal waits: long work must then return soon. */
  boolean interruptPending();

  /** Fresh counters. */
  CheckpointerStats checkpointerStats();

  WalPosition walPosition();

  /** A clock that nobody sets, nanoseconds. */
  long monotonicNanos();

  /**
   * Writes an integer setting to postgresql.auto.conf in a transaction of its own.
   *
   * @throws PgException when the server refuses; nothing has changed then
   */
  void alterSystemSet(String name, int value);

  /**
   * Removes a setting from postgresql.auto.conf in a transaction of its own.
   *
   * @throws PgException when the server refuses; nothing has changed then
   */
  void alterSystemReset(String name);

  /**
   * Asks the postmaster to reload the configuration.
   *
   * @return why the signal could not be sent, or an empty string
   */
  String reload();

  /** Writes to the server log; empty detail and hint are left out. */
  void report(Level level, String message, String detail, String hint);

  /**
   * Runs a read-only query and returns the first value of its first row as text.
   *
   * @param first the value of {@code $1}, a text
   * @param second the value of {@code $2}, a text
   * @throws PgException when the query fails
   */
  @Nullable String query(String sql, String first, String second);

  /** A query without parameters. */
  default @Nullable String query(String sql) {
    return query(sql, "", "");
  }

  /** The same as {@link #query}, for a statement that may write. */
  @Nullable String execute(String sql, String first, String second);

  /** Bytes that the file system of pg_wal has free for the server. */
  long walDiskFreeBytes();

  /**
   * Day and hour now.
   *
   * @param zone a time zone that the server knows; empty is the server's own
   */
  LocalTime localTime(String zone);

  /** What SQL functions have asked for since the last look. */
  Asked takeRequest();

  /** Answers the request that was taken last; whoever asked may have stopped waiting. */
  void answer(String text);

  /** The worker's copy of the shared state; {@link #publishState} makes it visible. */
  SharedState state();

  void publishState();
}
