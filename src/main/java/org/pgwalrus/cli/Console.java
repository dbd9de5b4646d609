package org.pgwalrus.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.progress.BarView;
import org.pgwalrus.cli.progress.Cells;
import org.pgwalrus.cli.progress.JsonView;
import org.pgwalrus.cli.progress.LineView;
import org.pgwalrus.cli.progress.ProgressView;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Data goes to standard output; progress, warnings and errors go to standard error. */
public final class Console {

  private final PrintWriter out;
  private final PrintWriter err;
  private final Ansi colors;
  private final boolean isQuiet;

  Console(CommandLine commandLine) {
    this.out = commandLine.getOut();
    this.err = commandLine.getErr();
    this.colors = commandLine.getColorScheme().ansi();
    this.isQuiet = SteepRepl.of(commandLine.getCommandSpec()).output.isQuiet();
  }

  /** A line of data. */
  public void data(String line) {
    out.println(line);
    out.flush();
  }

  /** A table; names in it may hold anything, which must not move the cursor. */
  public void table(List<String> header, List<List<String>> rows) {
    TextTable.lines(header, rows).forEach(out::println);
    out.flush();
  }

  /** A row, a line for each column that is not null, or as JSON. */
  public void row(Row row, OutputOptions options) {
    if (options.isJson()) {
      data(row.json());
      return;
    }
    row.columns()
        .forEach((name, value) -> {
          if (value != null) {
            out.println(name + ": " + Cells.printable(value));
          }
        });
    out.flush();
  }

  /** What the user should know, and may pass over. */
  public void note(String message) {
    if (!isQuiet) {
      err.println(Cells.printable(message));
      err.flush();
    }
  }

  public void warning(String message) {
    note("warning: " + message);
  }

  /** What went wrong, and on a second line what to do. */
  public void error(String message, @Nullable String hint) {
    err.println(colors.string("@|bold,red error:|@ ") + printableLines(message));
    if (hint != null) {
      err.println("hint: " + printableLines(hint));
    }
    err.flush();
  }

  /** What a user sees who has asked for nothing else. */
  public ProgressView progress() {
    return Terminal.isThere() ? new BarView(err, new Terminal()::columns) : new LineView(err);
  }

  /** What a program reads. */
  public ProgressView jsonProgress() {
    return new JsonView(err);
  }

  private static String printableLines(String text) {
    return text.lines()
        .map(Cells::printable)
        .reduce((first, second) -> first + "\n" + second)
        .orElse("");
  }

  /** As commands have it. */
  static Ansi colors(boolean unwanted) {
    boolean none = unwanted || !System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
    boolean dumb =
        System.getenv().getOrDefault("TERM", "dumb").toLowerCase(Locale.ROOT).equals("dumb");
    return none || dumb || !Terminal.isThere() ? Ansi.OFF : Ansi.ON;
  }
}
