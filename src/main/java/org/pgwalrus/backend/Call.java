package org.pgwalrus.backend;

import java.util.List;

/**
 * The functions of the server that Java may call. Each runs inside the guard of guard.c: an error
 * comes back as a record, never as a jump over Java frames.
 *
 * <p>The C function takes the arguments in order. {@link Argument#RESULTS} is a pointer to the
 * frame's results, {@link Argument#TEXT_RESULT} the buffer of the next text; it may be one that
 * brought an argument. Whatever must not be mistaken in a rehearsal is no first result: {@link
 * RehearsalTable} has something else there.
 */
public enum Call {
  /** Address of the checkpointer's statistics (0 when there are none), and when they were reset. */
  CHECKPOINTER_STATS("walrus_checkpointer_stats", Argument.RESULTS),
  /** Insert position, redo pointer, and the wall clock in microseconds since 2000. */
  WAL_POSITION("walrus_wal_position", Argument.RESULTS),
  /** Writes an integer setting to postgresql.auto.conf. */
  ALTER_SYSTEM_SET("walrus_alter_system_set", Argument.TEXT, Argument.INT),
  /** Removes a setting from postgresql.auto.conf. */
  ALTER_SYSTEM_RESET("walrus_alter_system_reset", Argument.TEXT),
  /** Asks the postmaster to reload; the text says why that failed, or is empty. */
  RELOAD("walrus_reload", Argument.TEXT_RESULT),
  /** Reports level, message, detail and hint; empty texts are left out. */
  REPORT("walrus_report", Argument.INT, Argument.TEXT, Argument.TEXT, Argument.TEXT),
  /**
   * Runs a statement with two text parameters in a transaction of its own, read-only if the number
   * is 1. The second result is 1 with the first value as text, or 0 for NULL or no row.
   */
  EXECUTE(
      "walrus_execute",
      Argument.TEXT,
      Argument.TEXT,
      Argument.TEXT,
      Argument.INT,
      Argument.TEXT_RESULT,
      Argument.RESULTS),
  /** Bytes that the file system of pg_wal has free for the server: the second result. */
  WAL_DISK_FREE("walrus_wal_disk_free", Argument.RESULTS),
  /**
   * Day of the week, 0 for Sunday, and hour now in a time zone, empty for the server's own: the
   * second and the third result.
   */
  LOCAL_TIME("walrus_local_time", Argument.TEXT, Argument.RESULTS),
  /**
   * Takes what SQL functions have asked for: in the second result 0, or the number of the {@link
   * Request} and one, with its argument and role as texts; in the third whether walrus.reset() came
   * since the last look.
   */
  TAKE_REQUEST("walrus_take_request", Argument.TEXT_RESULT, Argument.TEXT_RESULT, Argument.RESULTS),
  /** Answers the request that was taken last. */
  ANSWER("walrus_answer", Argument.TEXT),
  /** Copies the worker's state to shared memory. */
  PUBLISH_STATE("walrus_publish_state"),
  /**
   * Takes the next job of this worker's role: its operation and its operation's id, and in the
   * second result its number, 0 when there is none, in the third whether it is to be undone.
   */
  CLAIM_JOB("steep_claim_job", Argument.TEXT_RESULT, Argument.TEXT_RESULT, Argument.RESULTS),
  /**
   * Runs a statement with three text parameters in a transaction of its own, as the owner of the
   * extension if the number is 1, else as the role that queued the job. Results as of {@link
   * #EXECUTE}.
   */
  EXECUTE_FOR_JOB(
      "steep_execute",
      Argument.TEXT,
      Argument.TEXT,
      Argument.TEXT,
      Argument.TEXT,
      Argument.INT,
      Argument.TEXT_RESULT,
      Argument.RESULTS),
  /** Serves signals: an error when the job is to end. */
  CHECK_POINT("steep_check_point"),
  /** Why the job is to end, the number of an {@link Interruption}: the second result. */
  INTERRUPTION("steep_interruption", Argument.RESULTS),
  /** Copies the progress of the job to its slot in shared memory. */
  PUBLISH_PROGRESS("steep_publish_progress"),
  /** The job has its final state in its table. */
  END_JOB("steep_end_job"),
  /**
   * Starts a copier: its number is the second result, -1 when the server has no worker to spare.
   */
  OPEN_COPIER("steep_open_copier", Argument.RESULTS),
  /**
   * Sends a copier the message of so many bytes at an address. The second result is 1, or 0 when
   * there is no room yet: then the same message has to be sent again.
   */
  SEND_TO_COPIER(
      "steep_send_to_copier", Argument.INT, Argument.INT, Argument.INT, Argument.RESULTS),
  /**
   * The next message of a copier: its length is the second result, 0 when there is none yet, and
   * its address the third, good until the next call for the same copier.
   */
  RECEIVE_FROM_COPIER("steep_receive_from_copier", Argument.INT, Argument.RESULTS),
  /**
   * Waits so many milliseconds at most for copiers that have something to say, or room for more.
   */
  WAIT_FOR_COPIERS("steep_wait_for_copiers", Argument.INT),
  /** Ends a copier, which is idle if the second number is 1. */
  CLOSE_COPIER("steep_close_copier", Argument.INT, Argument.INT),
  /** Blocks all signals on the main thread if the number is 1, else unblocks them. */
  BLOCK_SIGNALS("steep_block_signals", Argument.INT);

  /** How an argument travels through the call frame. */
  public enum Argument {
    INT("int64"),
    TEXT("const char *"),
    TEXT_RESULT("char *"),
    RESULTS("int64 *");

    private final String cType;

    Argument(String cType) {
      this.cType = cType;
    }

    /** The C type. */
    public String cType() {
      return cType;
    }
  }

  private final String function;
  private final List<Argument> arguments;

  Call(String function, Argument... arguments) {
    this.function = function;
    this.arguments = List.of(arguments);
  }

  /** The C function. */
  public String function() {
    return function;
  }

  /** Its arguments, in order. */
  public List<Argument> arguments() {
    return arguments;
  }
}
