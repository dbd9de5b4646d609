package org.pgwalrus.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.progress.Interrupts;

/**
 * A call of a function that may take long: Ctrl-C and a time limit have the server cancel it, and
 * the second Ctrl-C, or a server that does not answer, ends the session.
 */
public final class BoundedCall {

  /** Why a call was ended. */
  private enum Reason {
    INTERRUPTED,
    LATE
  }

  /** The SQLSTATE of what somebody has cancelled. */
  private static final String CANCELLED = "57014";

  private static final long TICK_MILLIS = 100;
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final PreparedStatement statement;
  private final IntSupplier interrupts;
  private final long deadline;
  private final Console console;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile @Nullable Reason reason;
  private volatile boolean isAbandoned;

  private BoundedCall(
      PreparedStatement statement, IntSupplier interrupts, Duration limit, Console console) {
    this.statement = statement;
    this.interrupts = interrupts;
    this.deadline = System.nanoTime() + limit.toNanos();
    this.console = console;
  }

  /**
   * The rows that a function returns.
   *
   * @param interrupts how often the user has pressed Ctrl-C
   * @param what is done, for the message that it was not: {@code "verifying /x"}
   * @throws CliException with its exit code when the user or the limit has ended it
   */
  public static List<Row> rows(
      Connection connection,
      FunctionCall function,
      IntSupplier interrupts,
      Duration limit,
      Console console,
      String what)
      throws SQLException {
    try (PreparedStatement statement = function.prepare(connection, Row.ROWS)) {
      BoundedCall call = new BoundedCall(statement, interrupts, limit, console);
      Thread watcher = Thread.startVirtualThread(call::watch);
      try {
        return Row.of(statement);
      } catch (SQLException e) {
        throw call.explained(what, limit, e);
      } finally {
        call.over.countDown();
        watcher.interrupt();
      }
    }
  }

  private SQLException explained(String what, Duration limit, SQLException e) {
    Reason ended = reason;
    if (ended == null || (!isAbandoned && !CANCELLED.equals(e.getSQLState()))) {
      return e;
    }
    String outcome =
        isAbandoned
            ? "is not waited for any longer; the server may go on with it"
            : "was cancelled";
    throw switch (ended) {
      case INTERRUPTED -> new CliException(ExitCode.CANCELLED, what + " " + outcome, null, e);
      case LATE ->
          new CliException(
              ExitCode.TIMEOUT,
              what + " has taken longer than " + limit.toSeconds() + " s and " + outcome,
              "Give it more time with --timeout.",
              e);
    };
  }

  private void watch() {
    try {
      while (reason == null) {
        if (over.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        } else if (interrupts.getAsInt() > 0) {
          console.note(Interrupts.FIRST);
          reason = Reason.INTERRUPTED;
        } else if (System.nanoTime() - deadline >= 0) {
          reason = Reason.LATE;
        }
      }
      cancel();
    } catch (InterruptedException e) {
      // The call is over.
    }
  }

  private void cancel() throws InterruptedException {
    Thread.startVirtualThread(this::tellServer);
    long end = System.nanoTime() + GRACE.toNanos();
    while (interrupts.getAsInt() < 2 && System.nanoTime() - end < 0) {
      if (over.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
    }
    isAbandoned = true;
    try {
      statement.getConnection().abort(Runnable::run);
    } catch (SQLException e) {
      // It is over already.
    }
  }

  private void tellServer() {
    try {
      statement.cancel();
    } catch (SQLException e) {
      // The session is ended soon, and with it the statement.
    }
  }
}
