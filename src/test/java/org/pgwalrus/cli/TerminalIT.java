package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cli.Program.Result;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** The program as somebody at a terminal sees it. */
class TerminalIT {

  private static final String CTRL_C = "\u0003";
  private static final int COLUMNS = 60;

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

  private static Program generate(String name) {
    return Program.inTerminal(
        COLUMNS, "snapshot", "generate", "-o", server.path(name), "-c", server.connection(""));
  }

  @Test
  void theBarIsDrawnInItsPlaceAndFits() {
    try (Program program = generate("fast")) {
      Result result = program.await();

      assertThat(result.code()).as("%s", result).isZero();
      List<String> drawn = List.of(result.out().split("\r", -1));
      assertThat(drawn).hasSizeGreaterThan(4);
      assertThat(drawn)
          .allSatisfy(line ->
              assertThat(line.stripTrailing().lines().findFirst().orElse(""))
                  .hasSizeLessThan(COLUMNS));
      assertThat(result.out()).contains("[data]").contains("#").contains("/24 tables");
      assertThat(result.out()).contains("100.0%").containsPattern("Status: +complete");
    }
  }

  @Test
  void ctrlCCancelsOnTheServerAndWaitsForTheEnd() throws SQLException {
    try (Connection _ = server.hold();
        Program program = generate("held")) {
      program.awaitText("4/10 tables");
      program.type(CTRL_C);

      Result result = program.await();
      assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.CANCELLED);
      assertThat(result.out()).contains("press Ctrl-C again").contains("was cancelled");
      assertThat(server.status(server.newest())).isEqualTo("cancelled");
    }
  }

  /** Somebody holds the row of the job, so that the cancel has to wait. */
  @Test
  void ctrlCAgainLeavesItRunningAndSaysHowToFollowIt() throws SQLException {
    try (Connection hold = server.hold();
        Program program = generate("held")) {
      program.awaitText("4/10 tables");
      String id = server.newest();
      try (Connection holder = cluster.connect();
          Statement statement = holder.createStatement()) {
        holder.setAutoCommit(false);
        statement.execute(
            "SELECT 1 FROM steep_repl.work_queue WHERE snapshot_id = '" + id + "' FOR UPDATE");
        program.type(CTRL_C);
        program.awaitText("press Ctrl-C again");
        program.type(CTRL_C);

        Result result = program.await();
        assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.CANCELLED);
        assertThat(result.out())
            .contains("snapshot " + id + " is left running; the server has not answered")
            .contains("steep-repl snapshot wait " + id)
            .contains("steep-repl snapshot cancel " + id);
        assertThat(server.status(id)).isEqualTo("generating");
      }
      hold.rollback();
    }
  }

  /** Somebody holds the row of the snapshot, so that its job cannot end. */
  @Test
  void whatWasAskedForStaysAskedForAfterCtrlCAgain() throws SQLException {
    String id;
    try (Connection _ = server.hold();
        Program program = generate("held")) {
      program.awaitText("4/10 tables");
      id = server.newest();
      try (Connection holder = cluster.connect();
          Statement statement = holder.createStatement()) {
        holder.setAutoCommit(false);
        statement.execute(
            "SELECT 1 FROM steep_repl.snapshots WHERE snapshot_id = '" + id + "' FOR UPDATE");
        program.type(CTRL_C);
        awaitRequest(id);
        program.type(CTRL_C);

        Result result = program.await();
        assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.CANCELLED);
        assertThat(result.out())
            .contains("snapshot " + id + " is left to the server, which was asked to cancel it")
            .contains("steep-repl snapshot wait " + id)
            .doesNotContain("left running");
      }
      server.await(id, "cancelled");
    }
  }

  /** The server has taken it, and the client the server's answer. */
  private static void awaitRequest(String id) {
    String asked =
        "SELECT bool_or(cancel_requested) AND NOT EXISTS ("
            + "SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT steep_repl.cancel_snapshot%')"
            + " FROM steep_repl.work_queue WHERE snapshot_id = '"
            + id
            + "'";
    Wait.until(
        "it is asked to cancel", SnapshotServer.SOON, () -> "t".equals(cluster.value(asked)));
  }

  @Test
  void ctrlCEndsAVerificationOnTheServer() {
    try (Program program =
        Program.inTerminal(
            COLUMNS, "snapshot", "verify", server.path("slow"), "-c", server.connection(""))) {
      Wait.until("it is verified", SnapshotServer.SOON, () -> verifications() == 1);
      program.type(CTRL_C);

      Result result = program.await();
      assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.CANCELLED);
      assertThat(result.out())
          .contains("press Ctrl-C again")
          .contains("the verification of " + server.path("slow") + " was cancelled");
      assertThat(verifications()).isZero();
    }
  }

  private static int verifications() {
    return Integer.parseInt(String.valueOf(cluster.value(SnapshotServer.VERIFYING)));
  }

  @Test
  void colorsAreForTerminalsWhoseUsersWantThem() {
    String wrong = "steep-repl snapshot generate";
    assertThat(printed(wrong)).contains("\u001b[31m").contains("error:");
    assertThat(printed(wrong + " --no-color")).contains("error: ").doesNotContain("\u001b[");
    assertThat(printed("steep-repl --no-color snapshot generate")).doesNotContain("\u001b[");
    assertThat(printed("NO_COLOR=1 " + wrong)).contains("error: ").doesNotContain("\u001b[");
    assertThat(printed("NO_COLOR= " + wrong)).contains("\u001b[");
  }

  private static String printed(String command) {
    try (Program program = Program.shellInTerminal(COLUMNS, command)) {
      return program.await().out();
    }
  }

  @Test
  void aKilledClientLeavesTheOperationRunning() throws SQLException {
    String id;
    try (Connection hold = server.hold();
        Program program = generate("held")) {
      program.awaitText("4/10 tables");
      id = server.newest();
      program.kill();
      hold.rollback();
    }
    server.await(id, "complete");
  }
}
