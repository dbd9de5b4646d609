package org.pgwalrus.cli.ops;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands about jobs. */
@Command(
    name = "ops",
    subcommands = {ListCommand.class, StatusCommand.class, CancelCommand.class, RetryCommand.class},
    description = "Lists and manages the jobs of the database.")
public final class OpsCommand implements Runnable {

  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command about jobs is missing");
  }
}
