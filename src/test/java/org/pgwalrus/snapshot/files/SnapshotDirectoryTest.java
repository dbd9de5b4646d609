package org.pgwalrus.snapshot.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.Skip;

/** Where a snapshot may not lie, and what its directory may not lead to. */
class SnapshotDirectoryTest {

  @TempDir private Path temporary = Path.of("");
  private Workplace place;
  private Path data;

  @BeforeEach
  void makePlace() throws IOException {
    place = new Workplace(temporary);
    data = place.placement.dataDirectory();
  }

  @Test
  void aNewDirectoryIsPrivate() throws IOException {
    place.create("s").close();
    assertThat(mode("s")).isEqualTo("rwx------");
    assertThat(mode("s/data")).isEqualTo("rwx------");
  }

  @Test
  void anEmptyDirectoryIsTakenAndMadePrivate() throws IOException {
    Files.createDirectory(place.directory.resolve("s"));
    place.create("s").close();
    assertThat(mode("s")).isEqualTo("rwx------");
  }

  @Test
  void aDirectoryWithSomethingInItIsRefusedAndKept() throws IOException {
    Files.createDirectory(place.directory.resolve("s"));
    Files.writeString(place.directory.resolve("s/mine"), "");
    refused("58P02", () -> place.create("s"), "is not empty");
    assertThat(place.directory.resolve("s/data")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "./s", "../s", "/", "/a/../b", "/a/./b", "/a/..", "/a\0b"})
  void aPathMustBeAbsoluteAndWithoutDetours(String path) {
    refused(
        "22023",
        () -> SnapshotDirectory.create(path, place.placement, Workplace.SNAPSHOT, () -> {}),
        "invalid snapshot path");
    refused("22023", () -> SnapshotDirectory.open(path, place.placement), "invalid snapshot path");
  }

  @Test
  void nothingBeginsWhereThePathIsRefused() throws IOException {
    Files.writeString(place.directory.resolve("file"), "");
    AtomicInteger begun = new AtomicInteger();
    for (String path : List.of("s", place.path("missing/s"), place.path("file"), data + "/s")) {
      assertThatExceptionOfType(SnapshotFileException.class)
          .isThrownBy(() ->
              SnapshotDirectory.create(
                  path, place.placement, Workplace.SNAPSHOT, begun::incrementAndGet));
    }
    assertThat(begun).hasValue(0);

    Runnable nothingIsThere = () -> assertThat(place.directory.resolve("s")).doesNotExist();
    SnapshotDirectory.create(place.path("s"), place.placement, Workplace.SNAPSHOT, nothingIsThere)
        .close();
    assertThat(place.directory.resolve("s")).exists();
  }

  @Test
  void theParentMustExist() {
    refused("58P01", () -> place.create("missing/s"), "its parent does not exist");
    refused("58P01", () -> place.open("missing"), "does not exist");
  }

  @Test
  void theParentMustNotBeWritableByEverybody() throws IOException {
    Path parent = Files.createDirectory(place.directory.resolve("open"));
    Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxrwxrwx"));
    refused("42501", () -> place.create("open/s"), "writable by everybody and not sticky");
    Programs.run(List.of("chmod", "+t", parent.toString()));
    place.create("open/s").close();
  }

  @Test
  void aFileOrLinkInItsPlaceIsRefused() throws IOException {
    Files.writeString(place.directory.resolve("file"), "");
    refused("58P02", () -> place.create("file"), "a file or symbolic link is there");
    link("link", Files.createDirectory(place.directory.resolve("elsewhere")));
    refused("58P02", () -> place.create("link"), "a file or symbolic link is there");
    link("dangling", place.directory.resolve("nowhere"));
    refused("58P02", () -> place.create("dangling"), "a file or symbolic link is there");
  }

  @Test
  void theDataDirectoryIsRefused() throws IOException {
    refused("42501", () -> place.create("pgdata/s"), "inside the data directory");
    refused("42501", () -> place.create("pgdata/pg_tblspc/s"), "inside the data directory");
    refused("42501", () -> place.open("pgdata"), "inside the data directory");
    // By a detour through a link that looks innocent.
    link("innocent", data);
    refused("42501", () -> place.create("innocent/s"), "inside the data directory");
    refused("42501", () -> place.open("innocent"), "inside the data directory");
    assertThat(data.resolve("s")).doesNotExist();
    // A name that only begins alike is another directory.
    place.create("pgdata2").close();
  }

  @Test
  void tablespacesAndWalElsewhereBelongToTheDataDirectory() throws IOException {
    Path tablespace = Files.createDirectory(place.directory.resolve("tablespace"));
    Path wal = Files.createDirectory(place.directory.resolve("wal"));
    Files.createSymbolicLink(data.resolve("pg_tblspc/16384"), tablespace);
    Files.createSymbolicLink(data.resolve("pg_tblspc/16385"), place.directory.resolve("gone"));
    Files.createSymbolicLink(data.resolve("pg_wal"), wal);
    refused("42501", () -> place.create("tablespace/s"), "inside the data directory");
    refused("42501", () -> place.create("wal/s"), "inside the data directory");
    place.create("s").close();
  }

  @Test
  void aRootBindsAllSnapshots() throws IOException {
    Path root = Files.createDirectory(place.directory.resolve("root"));
    Files.createDirectory(place.directory.resolve("root2"));
    link("alias", root);
    Placement bound = new Placement(data, place.directory.resolve("alias"));
    create("root/s", bound).close();
    SnapshotDirectory.open(place.path("alias/s"), bound).close();
    for (String outside : List.of("s", "root", "root2/s", "alias")) {
      refused("42501", () -> SnapshotDirectory.open(make(outside), bound), "is not below");
    }
    link("root/escape", place.directory);
    refused("42501", () -> create("root/escape/t", bound), "below");
    Placement missing = new Placement(data, place.directory.resolve("missing"));
    refused(
        "58P01", () -> SnapshotDirectory.open(place.path("root/s"), missing), "snapshot_directory");
  }

  private SnapshotDirectory create(String name, Placement placement) {
    return SnapshotDirectory.create(place.path(name), placement, Workplace.SNAPSHOT, () -> {});
  }

  private String make(String name) throws IOException {
    Path path = place.directory.resolve(name);
    if (!Files.exists(path)) {
      Files.createDirectory(path);
    }
    return path.toString();
  }

  @Test
  void aDirectoryThatIsBeingFilledIsNotEmpty() {
    try (SnapshotDirectory first = place.create("s")) {
      refused("58P02", () -> place.create("s"), "is not empty");
      refused(
          "58P02",
          () -> SnapshotDirectory.create(place.path("s"), place.placement, "snap_2", () -> {}),
          "is not empty");
      assertThat(first.owner("snap_2")).isEqualTo(Workplace.SNAPSHOT);
    }
  }

  /** As many as there are come at once, time and again. */
  @Test
  void noTwoTakeTheSameDirectory() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 50; round++) {
        String path = place.path("s" + round);
        List<Future<Boolean>> attempts =
            threads.invokeAll(
                Stream.of("snap_1", "snap_2", "snap_3", "snap_4")
                    .map(id -> (Callable<Boolean>) () -> takes(path, id))
                    .toList());
        List<Boolean> taken = new ArrayList<>();
        for (Future<Boolean> attempt : attempts) {
          taken.add(attempt.get());
        }
        assertThat(taken).filteredOn(Boolean::booleanValue).hasSizeLessThanOrEqualTo(1);
      }
    }
  }

  /** Whether one takes it; otherwise what it leaves there does not tell of it. */
  private boolean takes(String path, String id) {
    try (SnapshotDirectory taken = SnapshotDirectory.create(path, place.placement, id, () -> {})) {
      return id.equals(taken.owner(id));
    } catch (SnapshotFileException e) {
      try (SnapshotDirectory left = SnapshotDirectory.open(path, place.placement)) {
        assertThat(left.owner(id)).isNotEqualTo(id);
      }
      return false;
    }
  }

  @Test
  void aManifestTellsTheOwnerOnceTheMarkIsGone() throws IOException {
    try (SnapshotDirectory snapshot = place.create("s")) {
      assertThat(snapshot.owner(Workplace.SNAPSHOT)).isEqualTo(Workplace.SNAPSHOT);
      assertThat(snapshot.owner("snap_2")).isEqualTo(Workplace.SNAPSHOT);
      VerificationTest.write(snapshot, 1);
      snapshot.release(Workplace.SNAPSHOT);
      snapshot.release(Workplace.SNAPSHOT);
      assertThat(snapshot.owner("snap_2")).isEqualTo(Workplace.SNAPSHOT);
      Files.delete(place.directory.resolve("s/manifest.json"));
      assertThat(snapshot.owner(Workplace.SNAPSHOT)).isNull();
      assertThat(snapshot.isEmpty()).isFalse();
    }
  }

  /** One who was killed before it could take its own away has marked it, too. */
  @Test
  void withTheMarkOfAnotherItIsNotOnesOwn() throws IOException {
    try (SnapshotDirectory snapshot = place.create("s")) {
      Files.writeString(place.directory.resolve("s/owner.snap_2"), "");
      assertThat(snapshot.owner("snap_2")).isEqualTo(Workplace.SNAPSHOT);
      assertThat(snapshot.owner(Workplace.SNAPSHOT)).isEqualTo("snap_2");
    }
  }

  @Test
  void aDirectoryOfAnotherUserIsRefused() throws IOException {
    Skip.unlessRoot();
    for (String name : List.of("s", "s/data")) {
      Path path = Files.createDirectory(place.directory.resolve(name));
      Programs.run(List.of("chown", "nobody", path.toString()));
    }
    refused("42501", () -> place.create("s"), "belongs to OS user \"nobody\"");
    refused("42501", () -> place.open("s"), "belongs to OS user \"nobody\"");
    Programs.run(List.of("chown", "root", place.path("s")));
    try (SnapshotDirectory snapshot = place.open("s")) {
      Files.writeString(place.directory.resolve("s/data/a.csv"), "");
      refused("42501", () -> snapshot.read("data/a.csv"), "belongs to OS user \"nobody\"");
    }
  }

  @Test
  void aFileOfAnotherUserIsRefused() throws IOException {
    Skip.unlessRoot();
    try (SnapshotDirectory snapshot = place.create("s")) {
      Path file = Files.writeString(place.directory.resolve("s/data/a.csv"), "");
      Programs.run(List.of("chown", "nobody", file.toString()));
      refused("42501", () -> snapshot.read("data/a.csv"), "belongs to OS user \"nobody\"");
    }
  }

  @Test
  void whatEverybodyCanWriteIsRefused() throws IOException {
    try (SnapshotDirectory snapshot = place.create("s")) {
      Path file = Files.writeString(place.directory.resolve("s/data/a.csv"), "");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
      refused("42501", () -> snapshot.read("data/a.csv"), "writable by everybody");
    }
    Path directory = place.directory.resolve("s");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    refused("42501", () -> place.open("s"), "writable by everybody");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "../secret",
        "data/../../secret",
        "data//a",
        "./a",
        "data/.",
        "",
        "data/",
        "a\nb",
        "a\\b",
        "a\u0000b",
        "a/b/c/d/e/f/g/h/i"
      })
  void aNameThatLeadsElsewhereIsRefused(String name) throws IOException {
    Files.writeString(place.directory.resolve("secret"), "secret");
    try (SnapshotDirectory snapshot = place.create("s")) {
      refused("22023", () -> snapshot.read(name), "invalid file name");
      refused("22023", () -> new PartialFile(snapshot, name), "invalid file name");
    }
  }

  @Test
  void linksAreNeverFollowed() throws IOException {
    Path secret = Files.writeString(place.directory.resolve("secret"), "secret");
    Path outside = Files.createDirectory(place.directory.resolve("outside"));
    Files.writeString(outside.resolve("a.csv"), "secret");
    try (SnapshotDirectory snapshot = place.create("s")) {
      link("s/data/file.csv", secret);
      link("s/data/dangling.csv.partial", place.directory.resolve("created"));
      link("s/linked", outside);
      refused("42501", () -> snapshot.read("data/file.csv"), "is not a regular file");
      refused("42501", () -> snapshot.read("linked/a.csv"), "is not a directory");
      refused("42501", () -> new PartialFile(snapshot, "linked/b.csv"), "is not a directory");
      refused("58P02", () -> new PartialFile(snapshot, "data/dangling.csv"), "exists already");
    }
    assertThat(place.directory.resolve("created")).doesNotExist();
    assertThat(outside.resolve("b.csv.partial")).doesNotExist();
  }

  @Test
  void pipesAndDevicesAreRefusedWithoutWaiting() {
    try (SnapshotDirectory snapshot = place.create("s")) {
      Programs.run(List.of("mkfifo", place.path("s/data/pipe.csv")));
      assertTimeoutPreemptively(
          Duration.ofSeconds(10),
          () -> refused("42501", () -> snapshot.read("data/pipe.csv"), "is not a regular file"));
      refused("42501", () -> snapshot.read("data"), "is not a regular file");
    }
  }

  @Test
  void aDeviceIsRefused() {
    Skip.unlessRoot();
    try (SnapshotDirectory snapshot = place.create("s")) {
      Programs.run(List.of("mknod", place.path("s/data/zero.csv"), "c", "1", "5"));
      refused("42501", () -> snapshot.read("data/zero.csv"), "is not a regular file");
    }
  }

  /** Once open, the directory is what it was, wherever its path leads now. */
  @Test
  void aDirectoryThatIsSwappedChangesNothing() throws IOException {
    try (SnapshotDirectory snapshot = place.create("s")) {
      StoredFile file =
          Workplace.write(snapshot, "data/a.csv", Compression.NONE, bytes("the right one"));
      Path real = place.directory.resolve("s");
      Files.move(real, place.directory.resolve("moved"));
      Path trap = Files.createDirectory(place.directory.resolve("trap"));
      Files.createDirectory(trap.resolve("data"));
      Files.writeString(trap.resolve("data/a.csv"), "the wrong one");
      link("s", trap);
      assertThat(Workplace.read(snapshot, file, Compression.NONE))
          .isEqualTo(bytes("the right one"));
      Workplace.write(snapshot, "data/b.csv", Compression.NONE, bytes("also"));
      assertThat(trap.resolve("data/b.csv")).doesNotExist();
      assertThat(place.directory.resolve("moved/data/b.csv")).exists();
    }
  }

  @Test
  void anotherDirectoryUnderTheSameNameIsNoticed() throws IOException {
    Path first = Files.createDirectory(place.directory.resolve("first"));
    Path second = Files.createDirectory(place.directory.resolve("second"));
    link("link", first);
    try (Directory opened = Directory.open(first)) {
      assertThat(NewDirectory.isStill(first, opened.attributes())).isTrue();
      assertThat(NewDirectory.isStill(second, opened.attributes())).isFalse();
      assertThat(NewDirectory.isStill(place.directory.resolve("link"), opened.attributes()))
          .isFalse();
    }
  }

  private void link(String name, Path target) throws IOException {
    Files.createSymbolicLink(place.directory.resolve(name), target);
  }

  private String mode(String name) throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(place.directory.resolve(name)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void refused(String sqlState, ThrowingCallable action, String message) {
    assertThatExceptionOfType(SnapshotFileException.class)
        .isThrownBy(action)
        .withMessageContaining(message)
        .satisfies(e -> {
          assertThat(e.sqlState()).isEqualTo(sqlState);
          assertThat(e.hint()).isNotEmpty();
        });
  }
}
