package org.pgwalrus.cli;

import java.time.Duration;
import org.pgwalrus.cli.ops.OpsCommand;
import org.pgwalrus.cli.snapshot.SnapshotCommand;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program. */
@Command(
    name = "steep-repl",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    subcommands = {
      SnapshotCommand.class,
      OpsCommand.class,
      HealthCommand.class,
      GenerateCompletion.class,
      HelpCommand.class
    },
    description = "Runs snapshots and other long jobs of the PostgreSQL extension steep_repl.",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:success",
      "1:an error that no other code is for",
      "2:invalid arguments",
      "4:cancelled, or not waited for any longer after Ctrl-C",
      "5:the time limit was reached; a job goes on",
      "6:no connection",
      "7:the extension, its worker or a function of it is missing",
      "8:the operation failed on the server"
    })
final class SteepRepl implements Runnable {

  @Spec CommandSpec spec;
  @Mixin ConnectionOptions connection;
  @Mixin OutputOptions output;

  /** The program that a command belongs to, with the options that all commands have. */
  static SteepRepl of(CommandSpec command) {
    return (SteepRepl) command.root().userObject();
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new SteepRepl());
    GlobalOptions.spread(commandLine.getCommandSpec());
    commandLine.setExpandAtFiles(false);
    commandLine.setUnmatchedOptionsArePositionalParams(false);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setAbbreviatedOptionsAllowed(false);
    commandLine.registerConverter(Duration.class, new Durations());
    commandLine.setParameterExceptionHandler(new ErrorHandlers.Arguments());
    commandLine.setExecutionExceptionHandler(new ErrorHandlers.Execution());
    return commandLine;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
