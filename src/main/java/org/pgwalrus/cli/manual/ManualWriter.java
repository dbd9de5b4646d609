package org.pgwalrus.cli.manual;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pgwalrus.cli.Commands;
import picocli.AutoComplete;
import picocli.CommandLine;

/** Writes a manual page for each command, and the completion of bash. */
public final class ManualWriter {

  private ManualWriter() {}

  /** Takes the directory that they go into. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    Path pages = Files.createDirectories(directory.resolve("man1"));
    CommandLine program = Commands.all();
    write(program, pages);
    Files.writeString(
        directory.resolve("steep-repl.bash"), AutoComplete.bash("steep-repl", program));
  }

  private static void write(CommandLine command, Path pages) throws IOException {
    ManualPage page = new ManualPage(command);
    Files.writeString(pages.resolve(page.name() + ".1"), page.text());
    for (CommandLine one : command.getSubcommands().values()) {
      if (one.getCommand() instanceof CommandLine.HelpCommand) {
        continue;
      }
      write(one, pages);
    }
  }
}
