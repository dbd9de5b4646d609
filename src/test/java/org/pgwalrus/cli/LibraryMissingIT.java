package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cli.Program.Result;
import org.pgwalrus.cluster.TestCluster;

/** A server that has the extension installed, but not in {@code shared_preload_libraries}. */
class LibraryMissingIT {

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = TestCluster.create().set("shared_preload_libraries", "").start();
    cluster.execute("CREATE EXTENSION steep_repl");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Result run(String command) {
    String connection = "postgresql://postgres@127.0.0.1:" + cluster.port() + "/postgres";
    return Program.run((command + " -c " + connection).split(" ", -1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "snapshot generate -o /var/backups/x",
        "snapshot apply -i /var/backups/x",
        "snapshot verify /var/backups/x",
        "snapshot delete snap_1 --remove-files",
        "ops retry 1",
        "health"
      })
  void whatNeedsItIsUnavailable(String command) {
    Result result = run(command);

    assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.UNAVAILABLE);
  }

  @Test
  void whatIsMissingIsTold() {
    assertThat(run("snapshot verify /var/backups/x").err())
        .contains("not preloaded")
        .contains("hint: Add pg_walrus to shared_preload_libraries and restart the server.");
  }

  @Test
  void whatDoesNotNeedItWorks() {
    assertThat(run("snapshot list").code()).isZero();
    assertThat(run("ops list").code()).isZero();
    Result unknown = run("snapshot delete snap_1 --remove-files --dry-run");
    assertThat(unknown.code()).as("%s", unknown).isEqualTo(ExitCode.ERROR);
  }
}
