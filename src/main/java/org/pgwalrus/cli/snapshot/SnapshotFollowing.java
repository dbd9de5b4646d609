package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.OutputOptions;
import org.pgwalrus.cli.Session;
import org.pgwalrus.cli.progress.Interrupts;
import org.pgwalrus.cli.progress.Listener;
import org.pgwalrus.cli.progress.State;

/** Follows the job of a snapshot, and shows what has come out of it. */
record SnapshotFollowing(
    Session session,
    Console console,
    OutputOptions output,
    WaitOptions waiting,
    ProgressOptions progress) {

  int follow(String id, Listener listener, Interrupts interrupts) throws SQLException {
    return new Following(session, console, waiting.timeout, progress.view(output, console))
        .follow(
            new SnapshotOperation(session, id),
            new Following.Subject(
                "snapshot " + id,
                "steep-repl snapshot wait " + id,
                "steep-repl snapshot cancel " + id),
            listener,
            interrupts,
            state -> tell(id, state));
  }

  private int tell(String id, State state) throws SQLException {
    SnapshotText.print(Snapshots.find(session, id), output, console);
    return switch (state.status()) {
      case "failed" -> {
        console.error("snapshot " + id + " failed: " + state.error(), null);
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
