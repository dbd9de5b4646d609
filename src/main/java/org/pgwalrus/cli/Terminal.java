package org.pgwalrus.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What standard error leads to. Java cannot tell whether that is a terminal, so the launcher does;
 * how wide it is stty tells, again every few seconds, as windows change their size.
 */
final class Terminal {

  private static final int USUAL_COLUMNS = 80;
  private static final int FEWEST_COLUMNS = 10;
  private static final long FRESH = TimeUnit.SECONDS.toNanos(2);

  private int columns;
  private long askedAt;

  static boolean isThere() {
    return Boolean.getBoolean("steep_repl.terminal");
  }

  int columns() {
    long now = System.nanoTime();
    if (columns == 0 || now - askedAt > FRESH) {
      columns = ask();
      askedAt = now;
    }
    return columns;
  }

  private static int ask() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String size =
          new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
      return parse(size, System.getenv("COLUMNS"));
    } catch (IOException e) {
      return parse("", System.getenv("COLUMNS"));
    }
  }

  /** From {@code 24 80}, else from the variable. */
  static int parse(String size, @Nullable String variable) {
    String text =
        size.matches("\\d+ [1-9]\\d{0,4}") ? size.substring(size.indexOf(' ') + 1) : variable;
    return text != null && text.matches("[1-9]\\d{0,4}")
        ? Math.max(Integer.parseInt(text), FEWEST_COLUMNS)
        : USUAL_COLUMNS;
  }
}
