package org.pgwalrus.cli.snapshot;

import java.sql.SQLException;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.DatabaseCommand;
import org.pgwalrus.cli.Requirement;
import org.pgwalrus.cli.Session;
import org.pgwalrus.cli.progress.Interrupts;
import org.pgwalrus.cli.progress.Listener;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Waits for a snapshot. */
@Command(
    name = "wait",
    description = "Follows the job of a snapshot to its end, whoever has started it.")
final class WaitCommand extends DatabaseCommand {

  @Mixin WaitOptions waiting;
  @Mixin ProgressOptions progress;

  @Parameters(paramLabel = "ID", description = "the snapshot")
  String id;

  @Override
  protected Requirement requirement() {
    return Requirement.of("snapshot_progress", "cancel_snapshot");
  }

  @Override
  protected int run(Session session, Console console) throws SQLException {
    Snapshots.find(session, id);
    Interrupts interrupts = Interrupts.install();
    try (Listener listener = Listener.open(session.connector(), Session::sleep, System::nanoTime)) {
      return new SnapshotFollowing(session, console, output(), waiting, progress)
          .follow(id, listener, interrupts);
    }
  }
}
