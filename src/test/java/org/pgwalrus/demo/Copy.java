package org.pgwalrus.demo;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;

/**
 * The second act: a snapshot of the database is made and loaded into another one, by the command
 * line with its bar, and both have the same rows.
 */
final class Copy {

  private static final String TARGET = "twin";

  private final TestCluster cluster;
  private final PrintStream out;

  Copy(TestCluster cluster, PrintStream out) {
    this.cluster = cluster;
    this.out = out;
  }

  /** Plays it; what is wrong with the outcome, empty when all is well. */
  String play() {
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute("CREATE DATABASE " + TARGET);
    Databases.execute(cluster, TARGET, "CREATE EXTENSION steep_repl");
    String path = directory().resolve("pgbench").toString();
    for (List<String> command :
        List.of(
            List.of("generate", "-o", path, "--compression", "zstd", "-c", connection("postgres")),
            List.of("verify", path, "-c", connection("postgres")),
            List.of("apply", "-i", path, "--create-schema", "-c", connection(TARGET)))) {
      int status = run(command);
      if (status != 0) {
        return "steep-repl snapshot " + command.getFirst() + " ended with " + status + ".";
      }
    }
    String rows = rows("postgres");
    out.println("\nRows and their hashes, the same in both databases:\n" + rows);
    return rows.equals(rows(TARGET)) ? "" : "The rows of the two databases differ.";
  }

  private Path directory() {
    try {
      Path directory = Files.createDirectory(cluster.directory().resolve("snapshots"));
      Installation.get().give(directory);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String connection(String database) {
    return "host=127.0.0.1 port=" + cluster.port() + " user=postgres dbname=" + database;
  }

  private int run(List<String> arguments) {
    out.println(
        "\n$ steep-repl snapshot " + arguments.stream().map(Copy::shown).collect(joining(" ")));
    List<String> command =
        Stream.concat(
                Stream.of(Installation.get().ask("--bindir") + "/steep-repl", "snapshot"),
                arguments.stream())
            .toList();
    return Programs.show(command);
  }

  private static String shown(String argument) {
    return argument.contains(" ") ? "'" + argument + "'" : argument;
  }

  private String rows(String database) {
    return Programs.run(
        List.of(
            Installation.get().ask("--bindir") + "/psql",
            "-XAtq",
            "-d",
            connection(database),
            "-f",
            Path.of("docs/row_hashes.sql").toAbsolutePath().toString()));
  }
}
