package org.pgwalrus.cli.snapshot;

import java.time.Duration;
import org.pgwalrus.cli.Console;
import org.pgwalrus.cli.OutputOptions;
import org.pgwalrus.cli.progress.ProgressView;
import picocli.CommandLine.Option;

/** How an operation is followed. */
final class WaitOptions {

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "24h",
      description =
          "wait no longer than this, such as 90s, 10m or 24h; the operation goes on"
              + " (default: ${DEFAULT-VALUE})")
  Duration timeout;

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
