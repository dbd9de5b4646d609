package org.pgwalrus.cli.progress;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** One line of a terminal, drawn again in its place, at most ten times a second. */
public final class BarView implements ProgressView {

  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

  private final PrintWriter terminal;
  private final IntSupplier columns;
  private String shown = "";
  private long shownAt;

  public BarView(PrintWriter terminal, IntSupplier columns) {
    this.terminal = terminal;
    this.columns = columns;
  }

  @Override
  public void show(Progress progress, long now) {
    if (!shown.isEmpty() && now - shownAt < PAUSE) {
      return;
    }
    // In the last column some terminals go to the next line.
    String line = ProgressLine.fitting(progress, columns.getAsInt() - 1);
    if (!line.equals(shown)) {
      draw(line);
      shownAt = now;
    }
  }

  @Override
  public void close() {
    if (!shown.isEmpty()) {
      terminal.println();
      terminal.flush();
      shown = "";
    }
  }

  /** Blanks over what was longer need no escape sequences. */
  private void draw(String line) {
    int rest = Math.max(Cells.width(shown) - Cells.width(line), 0);
    terminal.print("\r" + line + " ".repeat(rest) + (rest > 0 ? "\r" + line : ""));
    terminal.flush();
    shown = line;
  }
}
