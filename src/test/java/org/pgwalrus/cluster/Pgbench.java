package org.pgwalrus.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A running pgbench. Its transactions update one random account and add a row of history: nearly
 * every one of them touches a page for the first time since the last checkpoint and so writes a
 * full-page image, as long as checkpoints come in quick succession.
 */
public final class Pgbench implements AutoCloseable {

  private final Process process;

  private Pgbench(Process process) {
    this.process = process;
  }

  /** Makes pgbench's tables, about 15 MB for each unit of scale. */
  public static void initialise(TestCluster cluster, int scale) {
    initialise(cluster, "postgres", scale);
  }

  /** The same in another database, with more options of pgbench. */
  public static void initialise(
      TestCluster cluster, String database, int scale, String... options) {
    List<String> command = command(cluster, "-i", "-q", "-s", String.valueOf(scale));
    command.addAll(List.of(options));
    command.add(database);
    Programs.run(command);
  }

  /**
   * Starts the load.
   *
   * @param clients sessions
   * @param seconds after which it ends by itself
   * @param rate transactions per second that are not exceeded, 0 for as many as there can be
   */
  public static Pgbench start(TestCluster cluster, int clients, int seconds, int rate) {
    String number = String.valueOf(clients);
    List<String> command =
        command(cluster, "-N", "-n", "-M", "prepared", "-c", number, "-j", number);
    command.addAll(List.of("-T", String.valueOf(seconds)));
    if (rate > 0) {
      command.addAll(List.of("-R", String.valueOf(rate)));
    }
    try {
      return new Pgbench(
          Programs.builder(command)
              .redirectOutput(cluster.directory().resolve("pgbench.log").toFile())
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> command(TestCluster cluster, String... arguments) {
    List<String> command = new ArrayList<>(Installation.get().command("pgbench", arguments));
    command.addAll(List.of("-h", "127.0.0.1", "-p", String.valueOf(cluster.port())));
    command.addAll(List.of("-U", "postgres"));
    return command;
  }

  /** Ends the load and waits until it has ended. */
  @Override
  public void close() {
    process.destroy();
    boolean interrupted = false;
    while (true) {
      try {
        process.waitFor();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
