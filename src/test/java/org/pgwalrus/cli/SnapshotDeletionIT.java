package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cli.Program.Result;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** What is told of files is true: snapshots of the server's own functions, verified and deleted. */
class SnapshotDeletionIT {

  private static final String HELD_UP =
      """
      ALTER FUNCTION steep_repl.begin_deletion(bigint) RENAME TO begin_deletion_at_once;
      CREATE FUNCTION steep_repl.begin_deletion(p_id bigint) RETURNS boolean LANGUAGE sql AS $$
      SELECT pg_catalog.pg_advisory_xact_lock(1);
      SELECT steep_repl.begin_deletion_at_once(p_id)
      $$
      """;

  private static TestCluster cluster;
  private static Path place;

  @BeforeAll
  static void start() throws IOException {
    cluster = TestCluster.create().set("walrus.enable", "off").start();
    place = Files.createDirectory(cluster.directory().resolve("snapshots"));
    Installation.get().give(place);
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute("CREATE TABLE t AS SELECT 1 AS i");
    cluster.execute(HELD_UP);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Result run(String... arguments) {
    return Program.run(arguments(arguments));
  }

  private static String[] arguments(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "snapshot";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[arguments.length + 1] = "-c";
    all[arguments.length + 2] =
        "host=127.0.0.1 port=" + cluster.port() + " dbname=postgres user=postgres";
    return all;
  }

  private static String generate(String name) {
    Result result = run("generate", "-o", place.resolve(name).toString());
    assertThat(result.code()).as("%s", result).isZero();
    return String.valueOf(
        cluster.value(
            "SELECT snapshot_id FROM steep_repl.snapshots ORDER BY created_at DESC LIMIT 1"));
  }

  @Test
  void aDeletionIsOverWhenItIsToldSo() {
    String id = generate("waited");
    assertThat(run("verify", place.resolve("waited").toString()).out())
        .containsPattern("manifest.json +ok")
        .containsPattern("data/public.t.csv +ok");

    Result result = run("delete", id, "--remove-files");

    assertThat(result.code()).as("%s", result).isZero();
    assertThat(result.err()).contains("is deleted, with its files in " + place.resolve("waited"));
    assertThat(place.resolve("waited")).doesNotExist();
    assertThat(run("show", id).code()).isEqualTo(ExitCode.ERROR);
  }

  @Test
  void aManifestThatWasChangedIsDamageToo() throws IOException {
    generate("changed");
    Path manifest = place.resolve("changed/manifest.json");
    Files.writeString(manifest, Files.readString(manifest).replace("sha256:", "sha256:0"));

    Result result = run("verify", place.resolve("changed").toString());

    assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.OPERATION_FAILED);
    assertThat(result.err()).contains(manifest.toString(), "hint: ");
    assertThat(run("apply", "-i", place.resolve("changed").toString()).code())
        .isEqualTo(ExitCode.OPERATION_FAILED);
  }

  @Test
  void aPathWithoutASnapshotIsAnInvalidArgument() {
    Result nowhere = run("verify", place.resolve("nowhere").toString());
    assertThat(nowhere.code()).as("%s", nowhere).isEqualTo(ExitCode.INVALID_ARGUMENTS);
    Result noManifest = run("verify", place.toString());
    assertThat(noManifest.code()).as("%s", noManifest).isEqualTo(ExitCode.INVALID_ARGUMENTS);
    assertThat(noManifest.err()).contains("manifest.json");
  }

  @Test
  void aDeletionThatFailsIsAFailure() throws IOException {
    String id = generate("foreign");
    Path foreign = Files.writeString(place.resolve("foreign/notes.txt"), "mine");
    Installation.get().give(foreign);

    Result result = run("delete", id, "--remove-files");

    assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.OPERATION_FAILED);
    assertThat(result.err()).contains("is not deleted", "notes.txt");
    assertThat(run("verify", place.resolve("foreign").toString()).code()).isZero();
  }

  @Test
  void ctrlCCancelsADeletionOnTheServer() throws SQLException {
    String id = generate("kept");
    try (Connection _ = hold();
        Program program = Program.inTerminal(200, arguments("delete", id, "--remove-files"))) {
      awaitDeletion(id);
      program.type("\u0003");

      Result result = program.await();
      assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.CANCELLED);
      assertThat(result.out()).contains("press Ctrl-C again").contains("is not deleted");
    }
    assertThat(run("verify", place.resolve("kept").toString()).code()).isZero();
    assertThat(run("show", id).out()).containsPattern("Status: +complete");
  }

  @Test
  void aDeletionIsWaitedForNoLongerThanTheTimeLimit() throws SQLException {
    String id = generate("late");
    try (Connection _ = hold()) {
      Result result = run("delete", id, "--remove-files", "--timeout", "1");

      assertThat(result.code()).as("%s", result).isEqualTo(ExitCode.TIMEOUT);
      assertThat(result.err()).contains("It goes on; ").contains("steep-repl ops status ");
    }
    Wait.until(
        () -> id + " is not deleted\n" + cluster.log(),
        SnapshotServer.SOON,
        () -> run("show", id).code() == ExitCode.ERROR);
    assertThat(place.resolve("late")).doesNotExist();
  }

  /** Lets jobs begin, but not remove anything before this session has ended. */
  private static Connection hold() throws SQLException {
    Connection holder = cluster.connect();
    holder.setAutoCommit(false);
    try (Statement statement = holder.createStatement()) {
      statement.execute("SELECT pg_advisory_xact_lock(1)");
    }
    return holder;
  }

  private static void awaitDeletion(String id) {
    String running =
        "SELECT count(*) FROM steep_repl.work_queue WHERE status = 'running'"
            + " AND operation = 'snapshot_delete' AND snapshot_id = '"
            + id
            + "'";
    Wait.until(
        () -> "no deletion runs\n" + cluster.log(),
        SnapshotServer.SOON,
        () -> "1".equals(cluster.value(running)));
  }

  @Test
  void oneThatIsNotWaitedForIsToldToBeQueued() {
    String id = generate("queued");

    Result result = run("delete", id, "--remove-files", "--no-wait");

    assertThat(result.code()).as("%s", result).isZero();
    assertThat(result.err()).containsPattern("(is queued to delete|is deleted)");
  }

  @Test
  void filesAreLeftUnlessTheyAreMeantToo() {
    String id = generate("left");

    Result dry = run("delete", id, "--remove-files", "--dry-run");
    assertThat(dry.err()).contains("would be deleted, with its files");
    Result result = run("delete", id);

    assertThat(result.code()).as("%s", result).isZero();
    assertThat(result.err()).contains("its files are left as they are");
    assertThat(place.resolve("left/manifest.json")).exists();
  }
}
