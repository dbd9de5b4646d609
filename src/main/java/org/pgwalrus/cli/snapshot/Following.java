package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
import java.time.Duration;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.Session;
import org.pgwalrus.cli.connection.ConnectionFailure;
import org.pgwalrus.cli.progress.End;
import org.pgwalrus.cli.progress.Follower;
import org.pgwalrus.cli.progress.Interrupts;
import org.pgwalrus.cli.progress.Listener;
import org.pgwalrus.cli.progress.Operation;
import org.pgwalrus.cli.progress.ProgressView;
import org.pgwalrus.cli.progress.State;

/** Follows an operation to its end, and tells why that was not waited for. */
record Following(Session session, Console console, Duration timeout, ProgressView view) {

  /**
   * How an operation is spoken of.
   *
   * @param name such as {@code snapshot snap_1}
   * @param follow the command that follows it or shows it
   * @param cancel the command that ends it
   */
  record Subject(String name, String follow, String cancel) {

    private String howToGoOn() {
      return "follow it with: " + follow + ", end it with: " + cancel;
    }

    private String leftBehind(End.Request request) {
      return switch (request) {
        case NOT_MADE -> name + " is left running";
        case UNANSWERED ->
            name
                + " is left running; the server has not answered the request to cancel it, and may"
                + " still do so";
        case MADE -> name + " is left to the server, which was asked to cancel it";
      };
    }

    private String howToSee(End.Request request) {
      return request == End.Request.MADE
          ? "See what becomes of it with: " + follow
          : "It goes on; " + howToGoOn();
    }
  }

  /** Tells how an operation has ended, and returns the exit code. */
  @FunctionalInterface
  interface Ending {
    int tell(State state) throws SQLException;
  }

  int follow(
      Operation operation, Subject subject, Listener listener, Interrupts interrupts, Ending ending)
      throws SQLException {
    Follower follower = Follower.create(listener, view, interrupts, console::note);
    session.limitAnswers();
    try {
      return switch (follower.follow(operation, timeout)) {
        case End.Ended ended -> ending.tell(ended.state());
        case End.Detached detached -> {
          console.error(
              subject.leftBehind(detached.request()), subject.howToSee(detached.request()));
          yield ExitCode.CANCELLED;
        }
        case End.TimedOut out -> {
          console.error(
              subject.name() + " is still " + out.state().status() + " when the time is over",
              subject.howToSee(out.request()));
          yield ExitCode.TIMEOUT;
        }
      };
    } catch (ConnectionFailure e) {
      throw new CliException(
          ExitCode.CONNECTION,
          "lost the server: " + e.getMessage(),
          "It may go on with " + subject.name() + "; " + subject.howToGoOn(),
          e);
    }
  }
}
