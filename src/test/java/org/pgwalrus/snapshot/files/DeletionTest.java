package org.pgwalrus.snapshot.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeletionTest {

  @TempDir private Path temporary = Path.of("");
  private Workplace place;
  private Path directory;
  private final AtomicInteger begun = new AtomicInteger();
  private final List<String> warnings = new ArrayList<>();

  @BeforeEach
  void makePlace() throws IOException {
    place = new Workplace(temporary);
    directory = place.directory.resolve("s");
  }

  @AfterEach
  void nothingWasLeft() {
    assertThat(warnings).isEmpty();
  }

  private void makeSnapshot() {
    try (SnapshotDirectory snapshot = place.create("s")) {
      VerificationTest.write(snapshot, 3);
    }
  }

  private void delete() {
    assertThat(delete(true)).isTrue();
  }

  private boolean delete(boolean isOwn) {
    try (SnapshotDirectory snapshot = place.open("s")) {
      return Deletion.delete(snapshot, () -> isOwn, begun::incrementAndGet, warnings::add);
    }
  }

  @Test
  void aSnapshotIsRemoved() {
    makeSnapshot();
    delete();
    assertThat(directory).doesNotExist();
  }

  @Test
  void anUnfinishedSnapshotIsRemoved() throws IOException {
    place.create("s").close();
    Files.writeString(directory.resolve("data/public.t.csv.zst.partial"), "");
    Files.writeString(directory.resolve("data/public.t~2.csv"), "");
    Files.writeString(directory.resolve("manifest.json.partial"), "");
    Files.writeString(directory.resolve("schema.sql"), "");
    delete();
    assertThat(directory).doesNotExist();
  }

  @Test
  void aDamagedManifestDoesNotKeepIt() throws IOException {
    makeSnapshot();
    Files.writeString(directory.resolve("manifest.json"), "{");
    delete();
    assertThat(directory).doesNotExist();
  }

  @Test
  void filesThatOnlyTheManifestKnowsAreRemoved() throws IOException {
    makeSnapshot();
    Path nested = Files.createDirectories(directory.resolve("more/inside"));
    Files.move(directory.resolve("data/t.1.csv"), nested.resolve("x"));
    Path manifest = directory.resolve("manifest.json");
    Files.writeString(
        manifest, Files.readString(manifest).replace("data/t.1.csv", "more/inside/x"));
    Files.delete(directory.resolve("manifest.sha256"));
    delete();
    assertThat(directory).doesNotExist();
  }

  @Test
  void whatIsSomebodyElsesIsLeftAlone() throws IOException {
    makeSnapshot();
    Files.writeString(directory.resolve("notes.txt"), "mine");

    assertThat(delete(false)).isFalse();

    assertThat(directory.resolve("manifest.json")).exists();
    assertThat(directory.resolve("notes.txt")).exists();
    assertThat(begun).hasValue(0);
  }

  /** What a removal leaves that did not come to its end. */
  @Test
  void anEmptyDirectoryIsRemovedWhosesoeverItIs() throws IOException {
    Files.createDirectory(directory);

    assertThat(delete(false)).isTrue();

    assertThat(directory).doesNotExist();
    assertThat(begun).hasValue(1);
  }

  @Test
  void whoComesToAnEmptyDirectoryMeanwhileKeepsIt() throws IOException {
    Files.createDirectory(directory);
    Path file = directory.resolve("owner.another");
    try (SnapshotDirectory snapshot = place.open("s")) {
      assertThat(Deletion.delete(snapshot, () -> false, () -> make(file), warnings::add)).isTrue();
    }

    assertThat(file).exists();
    assertThat(warnings)
        .containsExactly(
            "could not remove directory \""
                + directory.toRealPath()
                + "\": it is not empty; the files of the snapshot are gone from it");
    warnings.clear();
  }

  private static void make(Path file) {
    try {
      Files.createFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatBelongsToNoSnapshotKeepsAll() throws IOException {
    makeSnapshot();
    Files.writeString(directory.resolve("data/notes.txt"), "mine");
    Files.createDirectory(directory.resolve("other"));
    assertThatExceptionOfType(SnapshotFileException.class)
        .isThrownBy(this::delete)
        .withMessageContaining("2 entries that belong to no snapshot")
        .withMessageContaining("\"data/notes.txt\", \"other\"")
        .satisfies(e -> assertThat(e.sqlState()).isEqualTo("58P02"));
    assertThat(directory.resolve("manifest.json")).exists();
    assertThat(directory.resolve("data/t.0.csv")).exists();
  }

  @Test
  void linksAreNotFollowedAndKeepAll() throws IOException {
    makeSnapshot();
    Path outside = Files.createDirectory(place.directory.resolve("outside"));
    Files.writeString(outside.resolve("a.csv"), "mine");
    Files.delete(directory.resolve("data/t.1.csv"));
    Files.createSymbolicLink(directory.resolve("data/t.1.csv"), outside.resolve("a.csv"));
    assertThatExceptionOfType(SnapshotFileException.class)
        .isThrownBy(this::delete)
        .withMessageContaining("data/t.1.csv");
    Files.delete(directory.resolve("data/t.1.csv"));
    Files.move(directory.resolve("data"), directory.resolve("gone"));
    Files.createSymbolicLink(directory.resolve("data"), outside);
    assertThatExceptionOfType(SnapshotFileException.class).isThrownBy(this::delete);
    assertThat(outside.resolve("a.csv")).hasContent("mine");
  }
}
