package org.pgwalrus.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.pgwalrus.cluster.Counters;
import org.pgwalrus.cluster.ExitGuard;
import org.pgwalrus.cluster.Pgbench;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** How long a storm lasts that begins right after a decision, and what size ends it. */
final class Onset {

  static final String METHOD =
      """
      A new server for each run: `max_wal_size = 64MB`, `checkpoint_timeout = 30s`,
      `shared_buffers = 512MB`, `autovacuum = off`, `walrus.max = 16GB`,
      `walrus.sample_interval_sec = 1`, all else at its default. After three quiet decisions, and
      right after the third, 4 clients of `pgbench -N -M prepared` at scale 20 begin at 2000
      transactions per second. *Once per interval* has `walrus.early_reaction = off` and
      `walrus.count_mode = requested`: it decides as pg_walsizer does, the extension in C that
      pg_walrus succeeds. *Need* is the WAL of an interval of 30 s, measured in the two after the
      reaction and the one that follows it, times 1 + `checkpoint_completion_target`.
      """;

  private static final int INTERVAL_SECONDS = 30;
  private static final int CLIENTS = 4;
  private static final int SCALE = 20;
  private static final int TRANSACTIONS_PER_SECOND = 2000;
  private static final double COMPLETION_TARGET = 0.9;
  private static final Duration REACTION = Duration.ofSeconds(3 * INTERVAL_SECONDS);
  private static final Duration POLL = Duration.ofMillis(100);

  private enum Way {
    ONCE_PER_INTERVAL("once per interval", "off", "off", "requested"),
    EARLY("early reaction (default)", "on", "off", "wal"),
    PROACTIVE("proactive sizing", "on", "on", "wal");

    private final String title;
    private final String early;
    private final String proactive;
    private final String countMode;

    Way(String title, String early, String proactive, String countMode) {
      this.title = title;
      this.early = early;
      this.proactive = proactive;
      this.countMode = countMode;
    }
  }

  /**
   * One run.
   *
   * @param suffered forced checkpoints from the onset to the reaction
   * @param seconds from the onset to the reaction
   * @param sizeMb the size that it set
   * @param forcedLater forced checkpoints in the interval after it and the two after that
   * @param needMb the size that the load needs
   */
  private record Run(long suffered, double seconds, int sizeMb, long forcedLater, double needMb) {

    double sizeToNeed() {
      return sizeMb / needMb;
    }
  }

  private final Map<Way, List<Run>> runs = new EnumMap<>(Way.class);

  Onset(int count) throws SQLException {
    for (int i = 0; i < count; i++) {
      for (Way way : Way.values()) {
        runs.computeIfAbsent(way, _ -> new ArrayList<>()).add(run(way));
      }
    }
  }

  private static Run run(Way way) throws SQLException {
    try (TestCluster cluster = cluster(way);
        ExitGuard _ = ExitGuard.of(cluster)) {
      cluster.set("shared_preload_libraries", "").start();
      Pgbench.initialise(cluster, SCALE);
      cluster.execute("CHECKPOINT");
      cluster.set("shared_preload_libraries", "pg_walrus").restart();
      cluster.execute("CREATE EXTENSION pg_walrus");
      cluster.awaitDecisions(3, Duration.ofSeconds(5L * INTERVAL_SECONDS));
      return measure(cluster);
    }
  }

  private static TestCluster cluster(Way way) {
    return TestCluster.create()
        .set("max_wal_size", "64MB")
        .set("min_wal_size", "32MB")
        .set("checkpoint_timeout", INTERVAL_SECONDS + "s")
        .set("shared_buffers", "512MB")
        .set("autovacuum", "off")
        .set("synchronous_commit", "off")
        .set("walrus.max", "16GB")
        .set("walrus.sample_interval_sec", "1")
        .set("walrus.early_reaction", way.early)
        .set("walrus.proactive_sizing", way.proactive)
        .set("walrus.count_mode", way.countMode)
        .set("log_min_messages", "warning");
  }

  private static Run measure(TestCluster cluster) throws SQLException {
    try (Connection connection = cluster.connect();
        Pgbench _ =
            Pgbench.start(cluster, CLIENTS, 6 * INTERVAL_SECONDS, TRANSACTIONS_PER_SECOND)) {
      Counters onset = Counters.read(connection);
      Counters reaction = onset;
      while (reaction.maxWalSizeMb() == onset.maxWalSizeMb()
          && reaction.since(onset).seconds() < REACTION.toSeconds()) {
        Wait.sleep(POLL);
        reaction = Counters.read(connection);
      }
      Wait.sleep(Duration.ofSeconds(INTERVAL_SECONDS));
      Counters settled = Counters.read(connection);
      Wait.sleep(Duration.ofSeconds(2 * INTERVAL_SECONDS));
      Counters end = Counters.read(connection);
      double walMb = end.since(settled).walMbPerSecond() * INTERVAL_SECONDS;
      return new Run(
          reaction.since(onset).forced(),
          reaction.since(onset).seconds(),
          end.maxWalSizeMb(),
          end.since(reaction).forced(),
          walMb * (1 + COMPLETION_TARGET));
    }
  }

  /** The results, medians of the runs. */
  String report() {
    Table table =
        new Table(
            "",
            "forced before reaction",
            "seconds to reaction",
            "size set",
            "need",
            "size / need",
            "forced in the 90 s after");
    runs.forEach((way, results) ->
        table.row(
            way.title,
            Table.number(0, Median.of(results, Run::suffered)),
            Table.number(1, Median.of(results, Run::seconds)),
            Table.number(0, Median.of(results, Run::sizeMb)) + " MB",
            Table.number(0, Median.of(results, Run::needMb)) + " MB",
            Table.number(2, Median.of(results, Run::sizeToNeed)),
            Table.number(0, Median.of(results, Run::forcedLater))));
    return "Medians of " + of(Way.EARLY).size() + " runs.\n\n" + table;
  }

  private List<Run> of(Way way) {
    return runs.getOrDefault(way, List.of());
  }

  List<Target> targets() {
    return List.of(
        suffered("early reaction", Way.EARLY, 4),
        suffered("proactive sizing", Way.PROACTIVE, 2),
        size("early reaction", Way.EARLY),
        size("proactive sizing", Way.PROACTIVE));
  }

  private Target suffered(String name, Way way, int most) {
    double ours = Median.of(of(way), Run::suffered);
    double rival = Median.of(of(Way.ONCE_PER_INTERVAL), Run::suffered);
    return new Target(
        "forced checkpoints before " + name + " reacts: at most " + most,
        Table.number(0, ours) + " (once per interval: " + Table.number(0, rival) + ")",
        ours <= most);
  }

  private Target size(String name, Way way) {
    double ratio = Median.of(of(way), Run::sizeToNeed);
    return new Target(
        "size set by " + name + " at most 1.5 times the need",
        Table.number(2, ratio),
        ratio <= 1.5);
  }
}
