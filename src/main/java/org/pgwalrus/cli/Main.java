package org.pgwalrus.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help;

/** Where the program starts. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(run(HiddenArguments.restore(arguments, System.getenv())));
  }

  private static int run(String[] arguments) {
    CommandLine commandLine = SteepRepl.commandLine();
    boolean unwanted = List.of(arguments).contains("--no-color");
    commandLine.setColorScheme(Help.defaultColorScheme(Console.colors(unwanted)));
    return commandLine.execute(arguments);
  }
}
