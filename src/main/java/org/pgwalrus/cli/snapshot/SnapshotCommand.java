package org.pgwalrus.cli.snapshot;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands about snapshots. */
@Command(
    name = "snapshot",
    subcommands = {
      GenerateCommand.class,
      ApplyCommand.class,
      ListCommand.class,
      ShowCommand.class,
      VerifyCommand.class,
      DeleteCommand.class,
      CancelCommand.class,
      WaitCommand.class
    },
    description = "Makes, applies and manages consistent copies of a database on the server.")
public final class SnapshotCommand implements Runnable {

  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command about snapshots is missing");
  }
}
