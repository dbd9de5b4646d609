package org.pgwalrus.bench;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgwalrus.cluster.ExitGuard;
import org.pgwalrus.cluster.TestCluster;

/**
 * CPU time of one warm cycle, inside the worker's process and on its main thread. A Main of our own
 * takes the place of the real one: in its first cycle it runs many cycles of the real worker, on a
 * clock that makes a sample due in each of them. The worker in C does the same with its cycle.
 */
final class CycleCost {

  static final String METHOD =
      """
      In a real worker process, on an idle server, after 1,000 cycles to warm up; CPU time is that of
      the thread (`CLOCK_THREAD_CPUTIME_ID`). Every cycle of pg_walrus takes a sample, runs the
      engine and publishes the state; one in thirty decides, as with the default settings: a cycle
      every 10 s, a decision every 5 min. The cycle in C reads the same counters, but has
      no engine and publishes nothing.
      """;

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern RESULT =
      Pattern.compile("bench: (\\d+) cycles took (\\d+) ns of CPU time, (\\d+) ns in all");

  /** Microseconds for one cycle. */
  private record Cost(double cpu, double wall) {}

  private final int cycles;
  private final Cost walrus;
  private final Cost compiled;
  private final Cost bare;

  CycleCost(Rival rival, int cycles) {
    this.cycles = cycles;
    this.bare = bare(rival);
    this.walrus = walrus(rival, "");
    this.compiled = walrus(rival, " -Xmixed -XX:TieredStopAtLevel=1");
  }

  private Cost walrus(Rival rival, String options) {
    try (TestCluster cluster = TestCluster.create();
        ExitGuard _ = ExitGuard.of(cluster)) {
      return measure(
          cluster
              .set("walrus.classpath", rival.classpath())
              .set("walrus.jvm_options", "-Dbench.cycles=" + cycles + options));
    }
  }

  private Cost bare(Rival rival) {
    try (TestCluster cluster = TestCluster.create();
        ExitGuard _ = ExitGuard.of(cluster)) {
      return measure(
          cluster
              .set("shared_preload_libraries", rival.library())
              .set("bare_worker.measured_cycles", String.valueOf(cycles)));
    }
  }

  private static Cost measure(TestCluster cluster) {
    cluster
        .set("log_min_messages", "log")
        .set("checkpoint_timeout", "300s")
        .set("walrus.sample_interval_sec", "10")
        .start();
    cluster.awaitLog(" ns in all", LIMIT);
    Matcher matcher = RESULT.matcher(cluster.log());
    if (!matcher.find()) {
      throw new IllegalStateException(cluster.log());
    }
    double count = 1e3 * Long.parseLong(matcher.group(1));
    return new Cost(
        Long.parseLong(matcher.group(2)) / count, Long.parseLong(matcher.group(3)) / count);
  }

  /** The results. */
  String report() {
    return "Means of "
        + cycles
        + " cycles.\n\n"
        + row(
            row(
                row(new Table("microseconds for a cycle", "CPU time", "in all"), "C", bare),
                "pg_walrus as it is, interpreted",
                walrus),
            "pg_walrus with `-Xmixed -XX:TieredStopAtLevel=1`",
            compiled);
  }

  private static Table row(Table table, String name, Cost cost) {
    return table.row(name, Table.number(2, cost.cpu()), Table.number(2, cost.wall()));
  }

  List<Target> targets() {
    return List.of(Target.below("CPU time of a warm cycle", walrus.cpu(), 50, 1, "microseconds"));
  }
}
