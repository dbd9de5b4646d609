package org.pgwalrus.cli.snapshot;

import java.time.Duration;
import picocli.CommandLine.Option;

/** How long an operation is waited for. */
final class WaitOptions {

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "24h",
      description =
          "wait no longer than this, such as 90s, 10m or 24h; the operation goes on"
              + " (default: ${DEFAULT-VALUE})")
  Duration timeout;
}
