package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.DatabaseCommand;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.FunctionCall;
import org.pgwalrus.cli.Row;
import org.pgwalrus.cli.Session;
import org.pgwalrus.cli.progress.Interrupts;
import org.pgwalrus.cli.progress.Listener;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts a job about a snapshot, and follows it to its end. */
abstract class JobCommand extends DatabaseCommand {

  @Mixin WaitOptions waiting;
  @Mixin ProgressOptions progress;

  @Option(
      names = "--no-wait",
      description = "print the id and return, as soon as the server has queued it")
  boolean noWait;

  /** The function that queues it. */
  abstract FunctionCall starter();

  /** Looks whether the server is the one that is meant. */
  abstract void check(Session session, Console console) throws SQLException;

  @Override
  protected final int run(Session session, Console console) throws SQLException {
    check(session, console);
    if (noWait) {
      Row row = start(session);
      console.data(output().isJson() ? row.json() : row.get("snapshot_id"));
      return ExitCode.SUCCESS;
    }
    Interrupts interrupts = Interrupts.install();
    try (Listener listener = Listener.open(session.connector(), Session::sleep, System::nanoTime)) {
      if (interrupts.count() > 0) {
        console.note("nothing was started");
        return ExitCode.CANCELLED;
      }
      String id = start(session).get("snapshot_id");
      return new SnapshotFollowing(session, console, output(), waiting, progress)
          .follow(id, listener, interrupts);
    }
  }

  private Row start(Session session) throws SQLException {
    return Row.of(session.connection(), starter()).getFirst();
  }
}
