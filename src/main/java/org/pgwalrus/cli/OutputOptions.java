package org.pgwalrus.cli;

import picocli.CommandLine.Option;

/** How results are shown. */
public final class OutputOptions {

  /** For people or for programs. */
  public enum Format {
    table,
    json
  }

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "how results are printed: ${COMPLETION-CANDIDATES}")
  Format format;

  @Option(names = "--json", description = "the same as --format json")
  boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "print errors and the result only: no progress, notes or warnings")
  boolean quiet;

  @Option(names = "--no-color", description = "print without colors; so does NO_COLOR")
  boolean noColor;

  @Option(names = "--debug", description = "tell how the server was found, and all of an error")
  boolean debug;

  public boolean isJson() {
    return json || format == Format.json;
  }

  public boolean isQuiet() {
    return quiet;
  }

  public boolean isDebug() {
    return debug;
  }
}
