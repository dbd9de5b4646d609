package org.pgwalrus.demo;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import org.pgwalrus.cluster.Counters;
import org.pgwalrus.cluster.Counters.Stretch;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** The server under load: a row every two seconds, and the worker's log lines between them. */
final class LiveView {

  private static final Duration STEP = Duration.ofSeconds(2);
  private static final Duration LOOK_AT_LOG = Duration.ofMillis(200);
  private static final int HEADINGS_EVERY = 15;
  private static final int LONGEST_BAR = 15;

  private final Connection connection;
  private final LogTail log;
  private final PrintStream out;
  private final Counters start;
  private Counters last;
  private int rows;

  LiveView(TestCluster cluster, Connection connection, PrintStream out) throws SQLException {
    this.connection = connection;
    this.out = out;
    this.log = new LogTail(cluster);
    this.start = Counters.read(connection);
    this.last = start;
  }

  /** Shows the server until so many seconds after the start; returns what was counted by then. */
  Counters showUntil(int seconds) throws SQLException {
    long end = start.nanos() + Duration.ofSeconds(seconds).toNanos();
    while (last.nanos() < end) {
      long next = Math.min(end, start.nanos() + (rows + 1) * STEP.toNanos());
      if (rows % HEADINGS_EVERY == 0) {
        heading();
      }
      followLogUntil(next);
      row();
    }
    return last;
  }

  private void followLogUntil(long nanos) {
    while (System.nanoTime() < nanos) {
      Wait.sleep(LOOK_AT_LOG);
      log.read().forEach(line -> out.println("       | " + line));
    }
  }

  /** The counters when the view was opened. */
  Counters start() {
    return start;
  }

  private void heading() {
    out.printf(
        "%n%6s %8s %10s %18s %8s %14s%n",
        "time", "tps", "WAL MB/s", "forced checkpoints", "in all", "max_wal_size");
  }

  private void row() throws SQLException {
    Counters now = Counters.read(connection);
    Stretch step = now.since(last);
    out.printf(
        Locale.ROOT,
        "%4.0f s %8.0f %10.1f %18s %8d %11d MB%n",
        now.since(start).seconds(),
        step.tps(),
        step.walMbPerSecond(),
        bar(step.forced()),
        now.since(start).forced(),
        now.maxWalSizeMb());
    last = now;
    rows++;
  }

  private static String bar(long forced) {
    return forced == 0 ? "." : "#".repeat((int) Math.min(forced, LONGEST_BAR)) + " " + forced;
  }
}
