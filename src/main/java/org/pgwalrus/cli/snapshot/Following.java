package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.OutputOptions;
import org.pgwalrus.cli.Session;
import org.pgwalrus.cli.connection.ConnectionFailure;
import org.pgwalrus.cli.progress.End;
import org.pgwalrus.cli.progress.Follower;
import org.pgwalrus.cli.progress.Interrupts;
import org.pgwalrus.cli.progress.Listener;

/** Follows a snapshot to its end, and tells of it. */
record Following(Session session, Console console, OutputOptions output, WaitOptions waiting) {

  int follow(String id, Listener listener, Interrupts interrupts) throws SQLException {
    Follower follower =
        Follower.create(listener, waiting.view(output, console), interrupts, console::note);
    session.limitAnswers();
    try {
      return switch (follower.follow(new SnapshotOperation(session, id), waiting.timeout)) {
        case End.Ended ended -> ended(id, ended.state().status(), ended.state().error());
        case End.Detached detached -> {
          console.note(
              "snapshot "
                  + id
                  + (detached.isCancelled()
                      ? " is left to the server, which was told to cancel it; "
                      : " is left running; ")
                  + howToGoOn(id));
          yield ExitCode.CANCELLED;
        }
        case End.TimedOut out -> {
          console.error(
              "snapshot " + id + " is still " + out.state().status() + " when the time is over",
              "It goes on; " + howToGoOn(id));
          yield ExitCode.TIMEOUT;
        }
      };
    } catch (ConnectionFailure e) {
      throw new CliException(
          ExitCode.CONNECTION,
          "lost the server: " + e.getMessage(),
          "Snapshot " + id + " may go on there; " + howToGoOn(id),
          e);
    }
  }

  private static String howToGoOn(String id) {
    return "follow it with: steep-repl snapshot wait "
        + id
        + ", end it with: steep-repl snapshot cancel "
        + id;
  }

  private int ended(String id, String status, @Nullable String error) throws SQLException {
    SnapshotText.print(Snapshots.find(session, id), output, console);
    return switch (status) {
      case "failed" -> {
        console.error("snapshot " + id + " failed: " + error, null);
        yield ExitCode.OPERATION_FAILED;
      }
      case "cancelled" -> {
        console.note("snapshot " + id + " was cancelled");
        yield ExitCode.CANCELLED;
      }
      default -> ExitCode.SUCCESS;
    };
  }
}
