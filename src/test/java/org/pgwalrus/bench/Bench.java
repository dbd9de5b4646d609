package org.pgwalrus.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures what pg_walrus costs and what it gains, prints the tables as they come, and writes them
 * to a report. For Linux; give the machine nothing else to do meanwhile.
 */
public final class Bench {

  private final Options options;
  private final StringBuilder report = new StringBuilder();
  private final List<Target> targets = new ArrayList<>();

  private Bench(Options options) {
    this.options = options;
  }

  /** Runs the benchmark; {@code --help} shows the options. */
  public static void main(String[] arguments) throws IOException, SQLException {
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + Options.USAGE);
      System.exit(2);
      return;
    }
    new Bench(options).run();
  }

  private void run() throws IOException, SQLException {
    say("# Benchmarks\n");
    say("Made by `make bench`. Numbers are of this machine and this day:\n");
    say(Machine.describe().toString());
    try (Rival rival = new Rival()) {
      Footprint footprint = new Footprint(rival, options.starts());
      section("Start and footprint", Footprint.METHOD, footprint.report(), footprint.targets());
      CycleCost cost = new CycleCost(rival, options.cycles());
      section("A cycle", CycleCost.METHOD, cost.report(), cost.targets());
    }
    if (options.loads() > 0) {
      Effect effect = new Effect(options.loads());
      section("Effect under load", Effect.METHOD, effect.report(), effect.targets());
    }
    if (options.onsets() > 0) {
      Onset onset = new Onset(options.onsets());
      section("The onset of a storm", Onset.METHOD, onset.report(), onset.targets());
    }
    if (options.jobs() > 0) {
      Jobs jobs = new Jobs(options.jobs(), 100 * options.jobs());
      section("Jobs", Jobs.METHOD, jobs.report(), jobs.targets());
    }
    if (options.snapshotMegabytes() > 0) {
      SnapshotSpeed speed = new SnapshotSpeed(options.snapshotMegabytes());
      section("Snapshots", SnapshotSpeed.METHOD, speed.report(), speed.targets());
    }
    Table table = new Table("target", "measured", "met");
    targets.forEach(target -> target.addTo(table));
    say("## Targets\n");
    say(table.toString());
    Files.createDirectories(options.output().toAbsolutePath().getParent());
    Files.writeString(options.output(), report.toString().stripTrailing() + "\n");
    System.out.println("Written to " + options.output());
  }

  private void section(String title, String method, String results, List<Target> more) {
    say("## " + title + "\n");
    say(method);
    say(results);
    targets.addAll(more);
  }

  private void say(String text) {
    System.out.println(text);
    report.append(text).append('\n');
  }
}
