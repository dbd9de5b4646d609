package org.pgwalrus.cli.snapshot;

import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.OutputOptions;
import org.pgwalrus.cli.progress.ProgressView;
import picocli.CommandLine.Option;

/** How the progress of an operation is shown. */
final class ProgressOptions {

  @Option(
      names = "--progress",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      arity = "0..1",
      description = "show how far it is (default: ${DEFAULT-VALUE})")
  boolean progress;

  @Option(
      names = "--json-progress",
      description = "show how far it is as a JSON object a line, on standard error")
  boolean jsonProgress;

  ProgressView view(OutputOptions output, Console console) {
    if (jsonProgress) {
      return console.jsonProgress();
    }
    return progress && !output.isQuiet() ? console.progress() : ProgressView.SILENT;
  }
}
