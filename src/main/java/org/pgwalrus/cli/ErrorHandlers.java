package org.pgwalrus.cli;

import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said of errors, and the exit codes that they end with. */
final class ErrorHandlers {

  private ErrorHandlers() {}

  /** Arguments that make no sense. The value of --connection is never among what is said. */
  static final class Arguments implements IParameterExceptionHandler {

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
      CommandLine command = e.getCommandLine();
      String name = command.getCommandSpec().qualifiedName();
      Stream<String> similar =
          e instanceof UnmatchedArgumentException unmatched
              ? unmatched.getSuggestions().stream()
              : Stream.empty();
      List<String> suggestions = similar.map(Secrets::hide).toList();
      String hint =
          (suggestions.isEmpty() ? "" : "Did you mean " + String.join(" or ", suggestions) + "? ")
              + name
              + " --help tells what it takes.";
      new Console(command).error(Secrets.hide(String.valueOf(e.getMessage())), hint);
      return ExitCode.INVALID_ARGUMENTS;
    }
  }

  /** Everything else. */
  static final class Execution implements IExecutionExceptionHandler {

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
      Console console = new Console(command);
      boolean debug = SteepRepl.of(command.getCommandSpec()).output.isDebug();
      if (debug) {
        e.printStackTrace(command.getErr());
      }
      if (e instanceof CliException known) {
        console.error(String.valueOf(known.getMessage()), known.hint());
        return known.exitCode();
      }
      console.error(
          "steep-repl itself has failed: " + e, debug ? null : "Run it with --debug for more.");
      return ExitCode.ERROR;
    }
  }
}
