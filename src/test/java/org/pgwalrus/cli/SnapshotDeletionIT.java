package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cli.Program.Result;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.TestCluster;

/** What is told of files is true: snapshots of the server's own functions, verified and deleted. */
class SnapshotDeletionIT {

  private static TestCluster cluster;
  private static Path place;

  @BeforeAll
  static void start() throws IOException {
    cluster = TestCluster.create().set("walrus.enable", "off").start();
    place = Files.createDirectory(cluster.directory().resolve("snapshots"));
    Installation.get().give(place);
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute("CREATE TABLE t AS SELECT 1 AS i");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Result run(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "snapshot";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[arguments.length + 1] = "-c";
    all[arguments.length + 2] =
        "host=127.0.0.1 port=" + cluster.port() + " dbname=postgres user=postgres";
    return Program.run(all);
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
    assertThat(run("verify", place.resolve("nowhere").toString()).code()).isEqualTo(ExitCode.ERROR);
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
