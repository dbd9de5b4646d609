package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.cli.Program.Result;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Pgbench;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.DatabaseImage;
import org.pgwalrus.snapshot.Snapshots;

/** The README's commands, from a live database to a second server that has the same rows. */
class WalkThroughIT {

  private static final Pattern COMMANDS =
      Pattern.compile("```sh\n([^`]*(?:steep-repl snapshot|row_hashes)[^`]*)```");
  private static final Pattern PERCENT = Pattern.compile("(\\d+\\.\\d)%");

  private static TestCluster first;
  private static TestCluster second;

  @TempDir Path directory;

  @BeforeAll
  static void start() {
    first = server();
    second = server();
    Pgbench.initialise(first, "shop", 10, "--foreign-keys");
  }

  private static TestCluster server() {
    TestCluster cluster = Snapshots.server().start();
    cluster.execute("CREATE DATABASE shop");
    Databases.execute(cluster, "shop", "CREATE EXTENSION steep_repl");
    return cluster;
  }

  @AfterAll
  static void stop() {
    first.close();
    second.close();
  }

  private static String connection(TestCluster cluster) {
    return "host=127.0.0.1 port=" + cluster.port() + " user=postgres dbname=shop";
  }

  private String commands() throws IOException {
    String path = Snapshots.of(first).path("shop");
    return COMMANDS
        .matcher(Files.readString(Path.of("README.md")))
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.joining())
        .lines()
        .map(line ->
            line.replace("host=db1 dbname=shop", connection(first))
                .replace("host=db2 dbname=shop", connection(second))
                .replace("/var/backups/shop", path)
                .replace("docs/", Path.of("docs").toAbsolutePath() + "/"))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void aCopyOfALiveDatabaseIsMadeAndProvedEqual() throws IOException {
    String script = "set -e; cd " + directory + "\n" + commands();
    assertThat(script).contains("generate", "verify", "apply", "row_hashes").doesNotContain("db2 ");

    try (Program program = Program.shellInTerminal(100, script)) {
      Result result = program.await();

      assertThat(result.code()).as("%s", result).isZero();
      assertThat(result.out()).containsPattern("(?m)^equal\\s*$");
      String[] jobs = result.out().split("manifest\\.json", 2);
      assertThat(percentages(jobs[0])).as(jobs[0]).hasSizeGreaterThan(3).endsWith("100.0");
      assertThat(percentages(jobs[1])).as(jobs[1]).hasSizeGreaterThan(3).endsWith("100.0");
    }
    assertThat(Files.readAllLines(directory.resolve("db1.rows")))
        .hasSize(4)
        .contains("public.pgbench_history|0|")
        .anyMatch(line -> line.startsWith("public.pgbench_accounts|1000000|"));
    assertThat(DatabaseImage.of(second, "shop")).isEqualTo(DatabaseImage.of(first, "shop"));
  }

  /** What the bar has shown one after the other. */
  private static List<String> percentages(String drawn) {
    return PERCENT.matcher(drawn).results().map(match -> match.group(1)).distinct().toList();
  }
}
