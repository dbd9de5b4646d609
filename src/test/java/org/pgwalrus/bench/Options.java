package org.pgwalrus.bench;

import java.nio.file.Path;

/**
 * How much is measured.
 *
 * @param starts starts of each worker, for its footprint
 * @param cycles measured cycles of each worker
 * @param loads runs of the load on each server
 * @param onsets runs of the onset of a storm in each way
 * @param jobs tiny jobs that go through the queue
 * @param snapshotMegabytes size of the databases of which snapshots are taken
 * @param output the report
 */
record Options(
    int starts, int cycles, int loads, int onsets, int jobs, int snapshotMegabytes, Path output) {

  static final String USAGE =
      """
      Options: --starts=N   starts of each worker (7)
               --cycles=N   measured cycles of each worker (20000)
               --loads=N    runs of the load with and without pg_walrus (2), 0 for none
               --onsets=N   runs of the onset of a storm in each way (1), 0 for none
               --jobs=N     tiny jobs that go through the queue (10000), 0 for none
               --snapshot-megabytes=N   databases of which snapshots are taken (2048), 0 for none
               --output=F   the report (docs/benchmarks.md)
               --quick      2 starts, 2000 cycles, 1 run of the load, no onset, 500 jobs, 100 MB\
      """;

  private static final Options DEFAULTS =
      new Options(7, 20_000, 2, 1, 10_000, 2048, Path.of("docs", "benchmarks.md"));

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException for an option that does not exist
   */
  static Options parse(String[] arguments) {
    Options options = DEFAULTS;
    for (String argument : arguments) {
      options = options.with(argument);
    }
    return options;
  }

  private Options with(String argument) {
    int equals = argument.indexOf('=');
    String name = equals < 0 ? argument : argument.substring(0, equals);
    String value = argument.substring(equals + 1);
    return switch (name) {
      case "--starts" -> with(Math.max(1, number(value)), cycles, loads, onsets, jobs);
      case "--cycles" -> with(starts, Math.max(1, number(value)), loads, onsets, jobs);
      case "--loads" -> with(starts, cycles, number(value), onsets, jobs);
      case "--onsets" -> with(starts, cycles, loads, number(value), jobs);
      case "--jobs" -> with(starts, cycles, loads, onsets, number(value));
      case "--snapshot-megabytes" ->
          new Options(starts, cycles, loads, onsets, jobs, number(value), output);
      case "--output" ->
          new Options(starts, cycles, loads, onsets, jobs, snapshotMegabytes, Path.of(value));
      case "--quick" -> new Options(2, 2_000, 1, 0, 500, 100, output);
      default -> throw new IllegalArgumentException("no such option: " + argument);
    };
  }

  private static int number(String value) {
    return Integer.parseInt(value);
  }

  private Options with(int starts, int cycles, int loads, int onsets, int jobs) {
    return new Options(starts, cycles, loads, onsets, jobs, snapshotMegabytes, output);
  }
}
