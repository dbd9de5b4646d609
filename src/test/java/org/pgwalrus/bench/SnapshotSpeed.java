package org.pgwalrus.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Snapshots against pg_dump and pg_restore, how both their times grow, and the command line. */
final class SnapshotSpeed {

  static final String METHOD =
      """
      One server with `fsync = on` and `wal_level = logical`; each gets 2 streams (`-j 2`), a new
      directory or an empty database, and a checkpoint and `sync` before. Both see the same data,
      in turn: a database of pgbench, one table, and 1,000 tables of 100 rows. The rivals are
      `pg_dump -Fd` with the same codec and level, and `pg_restore` of what it has written, timed from
      start to end of the program. *Generate* and *apply* are jobs, timed from the commit that queues one
      to its end, so that the start of a process and its JVM is part of it; they compute SHA-256 of all
      that they write and read, which the rivals do not. Snapshots are applied with `p_create_schema`,
      without `p_verify` (checksums are compared while rows are read) and `p_analyze`, which the
      rivals have no match for. *Memory* is the most that worker, copiers and child processes have
      held at once, in samples of `Pss_Anon` in `/proc/PID/smaps_rollup` every 50 ms: all that is
      neither the server's nor a file's.
      """;

  /** Of each work by each; odd, so that the median is one of them. */
  private static final int RUNS = 3;

  private static final double MEMORY_LIMIT_MB = 512;

  private final List<Duel> generations = new ArrayList<>();
  private final List<Duel> applications = new ArrayList<>();
  private final SnapshotGrowth growth;
  private final double psql = CommandStart.millis("psql");
  private final double steepRepl = CommandStart.millis("steep-repl");

  SnapshotSpeed(int megabytes) {
    try (SnapshotServer server = new SnapshotServer()) {
      for (SnapshotData data : SnapshotData.values()) {
        data.make(server.cluster(), megabytes);
        measure(server, data);
        server.drop(data);
      }
      growth = new SnapshotGrowth(server, megabytes);
    }
  }

  /** What is applied is what was generated last, without a codec. */
  private void measure(SnapshotServer server, SnapshotData data) {
    for (Codec codec : Codec.all().reversed()) {
      generations.add(
          Duel.run(
              "generate, " + data.title() + ", " + codec.name(),
              RUNS,
              () -> server.dump(data, codec),
              () -> server.generate(data, codec)));
    }
    applications.add(Duel.run("apply, " + data.title(), RUNS, server::restore, server::apply));
  }

  /** The results, medians of the runs. */
  String report() {
    Table start = new Table("milliseconds for --version, best of 5", "psql", "steep-repl");
    start.row("start of the command", Table.number(0, psql), Table.number(0, steepRepl));
    Table duels = new Table("seconds", "rival", "steep_repl", "ratio", "at least as fast");
    Stream.concat(generations.stream(), applications.stream()).forEach(duel -> duel.addTo(duels));
    return growth
        + "\n"
        + start
        + "\nMedians of "
        + RUNS
        + " runs; a ratio below 1 is faster than the rival.\n\n"
        + duels;
  }

  List<Target> targets() {
    return List.of(
        atLeastAsFast("generate a snapshot at least as fast as pg_dump", generations),
        atLeastAsFast("apply a snapshot at least as fast as pg_restore", applications),
        Target.below("memory of a job of a snapshot", growth.peak(), MEMORY_LIMIT_MB, 0, "MB"),
        Target.below("steep-repl --version ends in", steepRepl, 500, 0, "ms"));
  }

  private static Target atLeastAsFast(String text, List<Duel> duels) {
    double least = duels.stream().mapToDouble(Duel::ratio).min().orElseThrow();
    double most = duels.stream().mapToDouble(Duel::ratio).max().orElseThrow();
    return new Target(
        text,
        Table.number(2, least) + " to " + Table.number(2, most) + " times the seconds",
        duels.stream().allMatch(Duel::isWon));
  }
}
