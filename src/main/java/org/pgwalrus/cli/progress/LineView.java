package org.pgwalrus.cli.progress;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/** For logs: a line every ten percent, and every half minute. */
public final class LineView implements ProgressView {

  private static final int STEP = 10;
  private static final long SILENCE = TimeUnit.SECONDS.toNanos(30);

  private final PrintWriter log;
  private int step = -1;
  private long shownAt;

  public LineView(PrintWriter log) {
    this.log = log;
  }

  @Override
  public void show(Progress progress, long now) {
    int reached = (int) (progress.percent() / STEP);
    if (reached > step || now - shownAt >= SILENCE) {
      log.println(ProgressLine.whole(progress));
      step = reached;
      shownAt = now;
    }
  }

  @Override
  public void close() {}
}
