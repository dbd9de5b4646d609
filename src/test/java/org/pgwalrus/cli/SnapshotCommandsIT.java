package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cli.Program.Result;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** The commands about snapshots against a server, and how they end. */
class SnapshotCommandsIT {

  private static SnapshotServer server;
  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    server = SnapshotServer.start();
    cluster = server.cluster();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String here() {
    return server.connection("");
  }

  private static Result generate(String name, String... more) {
    String[] arguments = new String[more.length + 6];
    System.arraycopy(
        new String[] {"snapshot", "generate", "-o", server.path(name), "-c", here()},
        0,
        arguments,
        0,
        6);
    System.arraycopy(more, 0, arguments, 6, more.length);
    return Program.run(arguments);
  }

  @Test
  @Tag("smoke")
  void aSnapshotIsFollowedToItsEndInPlainLines() {
    Result result = generate("fast");

    assertThat(result.code()).as("%s", result).isZero();
    assertThat(result.out()).containsPattern("Status: +complete").contains(server.path("fast"));
    assertThat(result.err()).contains("100.0%").doesNotContain("\r").doesNotContain("\u001b");
    assertThat(result.err().lines().count()).as(result.err()).isBetween(2L, 14L);
  }

  @Test
  void jsonIsOneDocumentWithTheNamesOfTheColumns() {
    Result result = generate("fast", "--json", "--compression", "gzip", "--expires-after", "1 day");

    assertThat(result.code()).as("%s", result).isZero();
    JsonText row = JsonText.of(cluster, result.out());
    assertThat(row.get("status")).isEqualTo("complete");
    assertThat(row.get("compression")).isEqualTo("gzip");
    assertThat(row.get("overall_percent")).isEqualTo("100");
    assertThat(row.get("snapshot_id")).startsWith("snap_");
  }

  @Test
  void quietPrintsTheResultAlone() {
    Result result = generate("fast", "--quiet");

    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("complete");
  }

  @Test
  void jsonProgressIsAnObjectALine() {
    Result result = generate("fast", "--json-progress");

    assertThat(result.code()).isZero();
    assertThat(result.err().lines())
        .isNotEmpty()
        .allSatisfy(
            line -> assertThat(JsonText.of(cluster, line).get("percent")).matches("[0-9.]+"));
  }

  @Test
  void whatIsQueuedCanBeWaitedFor() throws SQLException {
    Result queued;
    String id;
    try (Connection holder = server.hold()) {
      queued = generate("held", "--no-wait");
      assertThat(queued.code()).as("%s", queued).isZero();
      id = queued.out().strip();
      assertThat(id).isEqualTo(server.newest());

      Result late = Program.run("snapshot", "wait", id, "--timeout", "1", "-c", here());
      assertThat(late.code()).as("%s", late).isEqualTo(ExitCode.TIMEOUT);
      assertThat(late.err()).contains("It goes on").contains("steep-repl snapshot wait " + id);
      assertThat(server.status(id)).isIn("pending", "generating");
      holder.rollback();
    }

    Result waited = Program.run("snapshot", "wait", id, "-c", here());
    assertThat(waited.code()).as("%s", waited).isZero();
    Result again = Program.run("snapshot", "cancel", id, "-c", here());
    assertThat(again.code()).isEqualTo(ExitCode.ERROR);
    assertThat(again.err()).contains("there is nothing to cancel");
  }

  @Test
  void aCancelFromElsewhereIsToldTruthfully() throws SQLException {
    try (Connection _ = server.hold();
        Program program =
            Program.start(
                Map.of(), "snapshot", "generate", "-o", server.path("held"), "-c", here())) {
      program.awaitText("[data]");
      String id = server.newest();
      Result cancel = Program.run("snapshot", "cancel", id, "-c", here());
      assertThat(cancel.code()).as("%s", cancel).isZero();

      Result result = program.await();
      assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.CANCELLED);
      assertThat(result.err()).contains("snapshot " + id + " was cancelled");
      assertThat(server.status(id)).isEqualTo("cancelled");
    }
  }

  @Test
  void aFailureIsToldWithItsReason() {
    Result result = generate("fail", "--json");

    assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.OPERATION_FAILED);
    assertThat(result.err()).contains("failed: ").contains("the disk is full");
    assertThat(JsonText.of(cluster, result.out()).get("status")).isEqualTo("failed");
  }

  @Test
  void itGoesOnByLookingWhenTheListenerIsLost() throws SQLException {
    try (Connection holder = server.hold();
        Program program =
            Program.start(
                Map.of(), "snapshot", "generate", "-o", server.path("held"), "-c", here())) {
      program.awaitText("[data]");
      String listeners =
          "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN steep%'"
              + " AND application_name = 'steep-repl-direct'";
      assertThat(cluster.value(listeners)).isEqualTo("1");
      cluster.execute(listeners.replace("count(*)", "pg_terminate_backend(pid)"));
      Wait.until(
          "it listens again", SnapshotServer.SOON, () -> "1".equals(cluster.value(listeners)));
      holder.rollback();

      Result result = program.await();
      assertThat(result.code()).as("%s", result).isZero();
    }
  }

  @Test
  void itComesBackAfterEverySessionIsLost() throws SQLException {
    try (Connection holder = server.hold();
        Program program =
            Program.start(
                Map.of(), "snapshot", "generate", "-o", server.path("held"), "-c", here())) {
      program.awaitText("[data]");
      cluster.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE application_name = 'steep-repl-direct'");
      Wait.sleep(Duration.ofSeconds(2));
      holder.rollback();

      Result result = program.await();
      assertThat(result.code()).as("%s", result).isZero();
      assertThat(result.out()).contains("complete");
    }
  }

  @Test
  void onlyItsOwnOperationIsShown() throws SQLException {
    try (Connection holder = server.hold();
        Program program =
            Program.start(
                Map.of(), "snapshot", "generate", "-o", server.path("held"), "-c", here())) {
      program.awaitText("[data]");
      cluster.execute(
          "SELECT pg_notify('steep_repl_progress', '{\"op\": \"snapshot_generate\", \"id\":"
              + " \"snap_other\", \"status\": \"complete\", \"percent\": 100, \"seq\": 99,"
              + " \"table\": \"public.foreign\"}')");
      cluster.execute("SELECT pg_notify('steep_repl_progress', 'no JSON')");
      Wait.sleep(Duration.ofSeconds(2));
      assertThat(program.printed()).doesNotContain("100.0%").doesNotContain("foreign");
      holder.rollback();
      assertThat(program.await().code()).isZero();
    }
  }

  @Test
  void optionsOfTheProgramMayComeFirst() {
    assertThat(generate("fast").code()).isZero();
    for (String[] line :
        new String[][] {
          {"--json", "-c", here(), "snapshot", "list"},
          {"-c", here(), "snapshot", "--json", "list"},
          {"-c", "host=127.0.0.1 port=1", "snapshot", "list", "--json", "-c", here()}
        }) {
      Result result = Program.run(line);
      assertThat(result.code()).as("%s", result).isZero();
      assertThat(result.out()).startsWith("[{\"snapshot_id\"");
    }
    Result twice = Program.run("snapshot", "list", "--json", "--json", "-c", here());
    assertThat(twice.code()).isEqualTo(ExitCode.INVALID_ARGUMENTS);
    assertThat(twice.err()).contains("--json");
  }

  @Test
  void argumentsThatTheServerRefusesAreInvalid() {
    Result result = generate("fast", "--compression", "zip");

    assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.INVALID_ARGUMENTS);
    assertThat(result.err()).contains("zip").contains("hint: ");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void listShowVerifyAndDelete() {
    assertThat(generate("fast").code()).isZero();
    String id = server.newest();

    Result list = Program.run("snapshot", "list", "--limit", "1", "-c", here());
    assertThat(list.code()).isZero();
    assertThat(list.out()).startsWith("SNAPSHOT ").contains(id);
    Result json = Program.run("snapshot", "list", "--limit", "1", "--json", "-c", here());
    assertThat(json.out()).startsWith("[{").contains("\"snapshot_id\":\"" + id + "\"");
    assertThat(Program.run("snapshot", "list", "--status", "expired", "--json", "-c", here()).out())
        .isEqualTo("[]\n");
    assertThat(Program.run("snapshot", "status", id, "-c", here()).out()).contains(id);

    Result good = Program.run("snapshot", "verify", server.path("fast"), "-c", here());
    assertThat(good.code()).as("%s", good).isZero();

    assertThat(Program.run("snapshot", "delete", id, "--dry-run", "-c", here()).code()).isZero();
    assertThat(server.status(id)).isEqualTo("complete");
    assertThat(Program.run("snapshot", "delete", id, "-c", here()).code()).isZero();
    Result gone = Program.run("snapshot", "show", id, "-c", here());
    assertThat(gone.code()).isEqualTo(ExitCode.ERROR);
    assertThat(gone.err()).contains("not found");
  }

  @Test
  void aVerificationHasATimeLimit() {
    Result late =
        Program.run("snapshot", "verify", server.path("slow"), "--timeout", "1", "-c", here());

    assertThat(late.code()).as("%s", late).isEqualTo(ExitCode.TIMEOUT);
    assertThat(late.err()).contains("longer than 1 s").contains("hint: ").contains("--timeout");
    assertThat(cluster.value(SnapshotServer.VERIFYING)).isEqualTo("0");
  }

  @Test
  void aStatementThatSomebodyElseCancelsIsCancelled() {
    try (Program program =
        Program.start(Map.of(), "snapshot", "verify", server.path("slow"), "-c", here())) {
      Wait.until(
          "it is verified",
          SnapshotServer.SOON,
          () -> "1".equals(cluster.value(SnapshotServer.VERIFYING)));
      cluster.execute(SnapshotServer.VERIFYING.replace("count(*)", "pg_cancel_backend(pid)"));

      Result result = program.await();
      assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.CANCELLED);
    }
  }

  @Test
  void damagedFilesAreAFailure() {
    Result bad = Program.run("snapshot", "verify", server.path("fail"), "-c", here());

    assertThat(bad.code()).isEqualTo(ExitCode.OPERATION_FAILED);
    assertThat(bad.err()).contains("files of the snapshot");
  }

  @Test
  void aServerThatDoesNotKnowItsNodeIsTakenAtTheUsersWord() {
    Result unknown = generate("fast", "anything");

    assertThat(unknown.code()).isZero();
    assertThat(unknown.err()).contains("steep_repl.node_id");
    assertThat(generate("fast", "anything", "--quiet").err()).isEmpty();
  }

  @Test
  void anotherNodeIsRefused() {
    cluster.alterSystem("steep_repl.node_id", "east");
    reloadUntilNodeIs("east");
    try {
      String before = server.newest();
      Result wrong = generate("fast", "west");
      assertThat(wrong.code()).as("%s", wrong).isEqualTo(ExitCode.INVALID_ARGUMENTS);
      assertThat(wrong.err())
          .contains("error: this server is node \"east\", not \"west\"")
          .contains("hint: Connect to the node that you mean");
      assertThat(wrong.out()).isEmpty();
      assertThat(server.newest()).isEqualTo(before);

      Result right = generate("fast", "east");
      assertThat(right.code()).as("%s", right).isZero();
      assertThat(right.err()).doesNotContain("node");
    } finally {
      cluster.execute("ALTER SYSTEM RESET steep_repl.node_id");
      reloadUntilNodeIs("");
    }
  }

  private static void reloadUntilNodeIs(String node) {
    cluster.reload();
    Wait.until(
        "the node is \"" + node + "\"",
        SnapshotServer.SOON,
        () -> cluster.setting("steep_repl.node_id").equals(node));
  }

  @Test
  void withoutTheExtensionBothReasonsAreNamed() {
    cluster.execute("CREATE DATABASE empty");
    try {
      String empty = server.connection("").replace("dbname=postgres", "dbname=empty");
      Result found = Program.run("snapshot", "list", "-c", empty);
      assertThat(found.code()).isEqualTo(ExitCode.UNAVAILABLE);
      assertThat(found.err())
          .contains("neither extension nor daemon")
          .contains("not installed in database \"empty\"")
          .contains("no daemon mode")
          .contains("CREATE EXTENSION steep_repl");
      Result direct = Program.run("snapshot", "list", "--direct", "-c", empty);
      assertThat(direct.code()).isEqualTo(ExitCode.UNAVAILABLE);
      assertThat(direct.err()).doesNotContain("daemon");
    } finally {
      cluster.execute("DROP DATABASE empty WITH (FORCE)");
    }
  }

  @Test
  void theWayIsToldOnRequest() {
    Result result = Program.run("snapshot", "list", "--debug", "-c", here());

    assertThat(result.code()).isZero();
    assertThat(result.err()).contains("direct (auto-detected)").contains("list_snapshots");
    assertThat(Program.run("snapshot", "list", "--remote", "h:1", "-c", here()).code())
        .isEqualTo(ExitCode.UNAVAILABLE);
  }

  @Test
  void jobsAreListedShownAndTriedAgain() {
    assertThat(generate("fail").code()).isEqualTo(ExitCode.OPERATION_FAILED);
    Result list = Program.run("ops", "list", "--status", "failed", "--limit", "1", "-c", here());
    assertThat(list.out()).startsWith("ID ").contains(server.newest());
    String id = list.out().lines().skip(1).findFirst().orElseThrow().replaceFirst(" .*", "");

    Result status = Program.run("ops", "status", id, "-c", here());
    assertThat(status.out()).contains("status: failed").contains("error_message: ");
    Result retry = Program.run("ops", "retry", id, "--json", "-c", here());
    assertThat(retry.code()).as("%s", retry).isZero();
    assertThat(JsonText.of(cluster, retry.out()).get("retry_of")).isEqualTo(id);
    Result cancel = Program.run("ops", "cancel", id, "-c", here());
    assertThat(cancel.code()).isEqualTo(ExitCode.ERROR);
    assertThat(cancel.err()).contains("nothing to cancel");
    assertThat(Program.run("ops", "status", "0", "-c", here()).err()).contains("not found");
  }

  @Test
  void aJobThatIsCompleteIsNotTriedAgain() {
    assertThat(generate("fast").code()).isZero();
    String complete = "SELECT max(id) FROM steep_repl.work_queue WHERE status = 'complete'";
    String id = String.valueOf(cluster.value(complete));

    Result retry = Program.run("ops", "retry", id, "-c", here());

    assertThat(retry.code()).as("%s", retry).isEqualTo(ExitCode.ERROR);
    assertThat(retry.err()).contains("only a failed or cancelled one can be retried");
  }

  @Test
  void healthIsTold() {
    Result health = Program.run("health", "--json", "-c", here());
    assertThat(health.code()).as("%s", health).isZero();
    assertThat(JsonText.of(cluster, health.out()).get("preload")).isEqualTo("true");
  }
}
