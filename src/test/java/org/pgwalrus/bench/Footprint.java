package org.pgwalrus.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgwalrus.cluster.ExitGuard;
import org.pgwalrus.cluster.TestCluster;

/**
 * Start and footprint of the worker, next to those of a bare worker in C. Each run starts a server
 * of its own, pg_walrus and C in turn, and ends soon after the worker's first decision.
 */
final class Footprint {

  static final String METHOD =
      """
      Each run starts a new server; runs of the two workers alternate. The worker's entry is the
      first statement of its main function; the decision is the baseline, with all counters and
      settings read and the engine run once. *From fork* is the time between two lines of the
      server log, the postmaster's `starting background worker process` and the worker's decision;
      both have milliseconds. (`/proc/PID/stat` counts starts in ticks of 10 ms: too coarse.)
      Memory is read from `/proc/PID/smaps` after `sync`, right after the first decision. PSS
      counts the files of the JDK and of the extension in full, as if no other JVM ran;
      private dirty leaves out the server's shared memory, of which the kernel takes all pages for
      private that no other process has touched yet.
      """;

  private static final String WALRUS_DECIDES = "pg_walrus: established baseline checkpoint count";
  private static final String RIVAL_DECIDES = "bench: first decision ";

  /**
   * One start.
   *
   * @param fromFork milliseconds from the postmaster's decision to fork to the first decision
   * @param fromEntry milliseconds from the worker's entry to its first decision
   */
  private record Start(double fromFork, double fromEntry, ProcessMemory memory) {}

  private final List<Start> walrus = new ArrayList<>();
  private final List<Start> bare = new ArrayList<>();
  private boolean cacheMissing;

  Footprint(Rival rival, int runs) {
    for (int i = 0; i < runs; i++) {
      bare.add(startBare(rival));
      walrus.add(startWalrus());
    }
  }

  private Start startWalrus() {
    try (TestCluster cluster = cluster();
        ExitGuard _ = ExitGuard.of(cluster)) {
      cluster.start();
      cluster.awaitLog(WALRUS_DECIDES, TestCluster.SOON);
      ProcessMemory memory = ProcessMemory.of(cluster.workerPid());
      cacheMissing |= cluster.logCount("starting the JVM without a cache") > 0;
      cluster.execute("CREATE EXTENSION pg_walrus");
      double entry =
          Double.parseDouble(
              String.valueOf(
                  cluster.value(
                      "SELECT 1000 * extract(epoch FROM"
                          + " (walrus.shmem_status() ->> 'worker_start')::timestamptz)")));
      double decided = milliseconds(cluster, WALRUS_DECIDES);
      return new Start(decided - forked(cluster, "pg_walrus"), decided - entry, memory);
    }
  }

  private static Start startBare(Rival rival) {
    try (TestCluster cluster = cluster();
        ExitGuard _ = ExitGuard.of(cluster)) {
      cluster.set("shared_preload_libraries", rival.library()).start();
      cluster.awaitLog(RIVAL_DECIDES, TestCluster.SOON);
      long pid =
          Long.parseLong(
              String.valueOf(
                  cluster.value(
                      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'bare_worker'")));
      Matcher matcher = Pattern.compile(RIVAL_DECIDES + "(\\d+)").matcher(cluster.log());
      matcher.find();
      return new Start(
          milliseconds(cluster, RIVAL_DECIDES) - forked(cluster, "bare_worker"),
          Long.parseLong(matcher.group(1)) / 1e3,
          ProcessMemory.of(pid));
    }
  }

  /** Log lines begin with the time in milliseconds; one sample is all that is measured. */
  private static TestCluster cluster() {
    return TestCluster.create()
        .set("log_line_prefix", "%n ")
        .set("walrus.sample_interval_sec", "10");
  }

  private static double forked(TestCluster cluster, String worker) {
    return milliseconds(cluster, "starting background worker process \"" + worker + "\"");
  }

  private static double milliseconds(TestCluster cluster, String text) {
    Pattern line = Pattern.compile("(?m)^(\\d+)\\.(\\d{3}) \\S+  " + Pattern.quote(text));
    Matcher matcher = line.matcher(cluster.log());
    if (!matcher.find()) {
      throw new IllegalStateException("no \"" + text + "\" in the log:\n" + cluster.log());
    }
    return Double.parseDouble(matcher.group(1) + matcher.group(2));
  }

  /** The results, medians with the extremes of pg_walrus. */
  String report() {
    Table table = new Table("", "C", "pg_walrus", "least", "most");
    add(table, "first decision, from entry, ms", 1, Start::fromEntry);
    add(table, "first decision, from fork, ms", 0, Start::fromFork);
    add(table, "PSS, MB", 1, start -> start.memory().pssMb());
    add(table, "private dirty, MB", 1, start -> start.memory().privateDirtyMb());
    add(table, "RSS, MB", 1, start -> start.memory().rssMb());
    add(table, "threads", 0, start -> start.memory().threads());
    String note = cacheMissing ? "\n**There was no AOT cache for the installed jar.**\n" : "";
    return String.format(
        Locale.ROOT, "Medians of %d starts of each worker.%n%n%s%s", walrus.size(), table, note);
  }

  private void add(Table table, String name, int digits, ToDoubleFunction<Start> value) {
    table.row(
        name,
        Table.number(digits, Median.of(bare, value)),
        Table.number(digits, Median.of(walrus, value)),
        Table.number(digits, walrus.stream().mapToDouble(value).min().orElse(0)),
        Table.number(digits, walrus.stream().mapToDouble(value).max().orElse(0)));
  }

  List<Target> targets() {
    return List.of(
        Target.below(
            "first decision after entry", Median.of(walrus, Start::fromEntry), 120, 1, "ms"),
        Target.below("PSS", Median.of(walrus, start -> start.memory().pssMb()), 40, 1, "MB"),
        Target.below(
            "private dirty", Median.of(walrus, s -> s.memory().privateDirtyMb()), 12, 1, "MB"));
  }
}
