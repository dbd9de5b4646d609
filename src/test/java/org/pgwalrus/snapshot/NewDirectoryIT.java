package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.Skip;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.postgresql.util.ServerErrorMessage;

/** Where start_snapshot() makes no directory, and neither does a job that was queued around it. */
class NewDirectoryIT {

  private static final String BASE = "postgres";

  private static TestCluster cluster;
  private static Snapshots snapshots;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    cluster.execute("CREATE EXTENSION steep_repl");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** A directory of the server's OS user. */
  private static Path directory(String name, String permissions) throws IOException {
    Path made = Files.createDirectory(Path.of(snapshots.path(name)));
    Installation.get().give(made);
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(permissions));
    return made;
  }

  private static void refused(Path path, String sqlState, String message) {
    ServerErrorMessage error = cluster.error("SELECT steep_repl.start_snapshot('" + path + "')");
    assertThat(error.getSQLState() + " " + error.getMessage())
        .startsWith(sqlState)
        .contains(message);
    assertThat(error.getHint()).isNotEmpty();
    assertThat(cluster.value("SELECT count(*) FROM steep_repl.snapshots WHERE status = 'pending'"))
        .isEqualTo("0");
    String id = snapshots.queue(BASE, path.toString());
    snapshots.await(BASE, id, "failed");
    assertThat(snapshots.of(BASE, id, "error_message")).contains(message, sqlState);
  }

  @Test
  void aDirectoryThatIsNotEmpty() throws IOException {
    Path full = directory("full", "rwx------");
    Path file = Files.createFile(full.resolve("file"));

    refused(full, "58P02", "is not empty");
    assertThat(full).isDirectoryContaining(file::equals);
  }

  @Test
  void aFileOrALink() throws IOException {
    Path place = directory("elsewhere", "rwx------");
    refused(Files.createFile(snapshots.place().resolve("file")), "58P02", "a file or symbolic");
    refused(
        Files.createSymbolicLink(snapshots.place().resolve("link"), place),
        "58P02",
        "a file or symbolic link is there");
    refused(
        Files.createSymbolicLink(snapshots.place().resolve("nowhere"), place.resolve("none")),
        "58P02",
        "a file or symbolic link is there");
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void theDataDirectory() {
    refused(cluster.data().resolve("snapshot"), "42501", "is inside the data directory");
    refused(cluster.data().resolve("base"), "42501", "is inside the data directory");
    assertThat(cluster.data().resolve("snapshot")).doesNotExist();
  }

  @Test
  void withoutAParent() {
    refused(snapshots.place().resolve("no/where"), "58P01", "its parent does not exist");
  }

  /** What was made there could not be brought to the disk. */
  @Test
  void aParentThatCannotBeRead() throws IOException {
    Path parent = directory("unreadable", "-wx--x--x");

    refused(parent.resolve("snapshot"), "42501", "permission denied");
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void aParentThatCannotBeWritten() throws IOException {
    Path parent = directory("fixed", "r-xr-xr-x");

    refused(parent.resolve("snapshot"), "42501", "permission denied");
  }

  @Test
  void aParentThatEverybodyCanWrite() throws IOException {
    Path parent = directory("open", "rwxrwxrwx");

    refused(parent.resolve("snapshot"), "42501", "is writable by everybody");
    assertThat(parent).isEmptyDirectory();
    refused(directory("open/snapshot", "rwx------"), "42501", "is writable by everybody");
  }

  @Test
  void aDirectoryOfAnotherUser() throws IOException {
    Skip.unlessRoot();
    Path foreign = directory("foreign", "rwxr-xr-x");
    Programs.run(List.of("chown", "nobody", foreign.toString()));

    refused(foreign, "42501", "belongs to");
    assertThat(foreign).isEmptyDirectory();
  }

  /** For the jobs to come, too. */
  private static void confine(String root) {
    cluster.alterSystem("steep_repl.snapshot_directory", root);
    cluster.reload();
    Wait.until(
        "confined to " + root,
        Snapshots.SOON,
        () -> cluster.setting("steep_repl.snapshot_directory").equals(root));
    snapshots.awaitIdle();
  }

  @Test
  void aPlaceOutsideOfTheOneThatIsSet() throws IOException {
    Path root = directory("root", "rwx------");
    Path beside = directory("beside", "rwx------");
    Files.createSymbolicLink(root.resolve("out"), beside);
    confine(root.toString());
    try {
      refused(root.resolve("out/snapshot"), "42501", "\"");
      assertThat(beside).isEmptyDirectory();
      snapshots.generate(BASE, "root/inside", "");
    } finally {
      confine("");
    }
  }
}
