package org.pgwalrus.snapshot.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeletionTest {

  @TempDir private Path temporary = Path.of("");
  private Workplace place;
  private Path directory;

  @BeforeEach
  void makePlace() throws IOException {
    place = new Workplace(temporary);
    directory = place.directory.resolve("s");
  }

  private void makeSnapshot() {
    try (SnapshotDirectory snapshot = place.create("s")) {
      VerificationTest.write(snapshot, 3);
    }
  }

  @Test
  void aSnapshotIsRemoved() {
    makeSnapshot();
    Deletion.delete(place.open("s"));
    assertThat(directory).doesNotExist();
  }

  @Test
  void anUnfinishedSnapshotIsRemoved() throws IOException {
    place.create("s").close();
    Files.writeString(directory.resolve("data/public.t.csv.zst.partial"), "");
    Files.writeString(directory.resolve("data/public.t~2.csv"), "");
    Files.writeString(directory.resolve("manifest.json.partial"), "");
    Files.writeString(directory.resolve("schema.sql"), "");
    Deletion.delete(place.open("s"));
    assertThat(directory).doesNotExist();
  }

  @Test
  void aDamagedManifestDoesNotKeepIt() throws IOException {
    makeSnapshot();
    Files.writeString(directory.resolve("manifest.json"), "{");
    Deletion.delete(place.open("s"));
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
    Deletion.delete(place.open("s"));
    assertThat(directory).doesNotExist();
  }

  @Test
  void whatBelongsToNoSnapshotKeepsAll() throws IOException {
    makeSnapshot();
    Files.writeString(directory.resolve("data/notes.txt"), "mine");
    Files.createDirectory(directory.resolve("other"));
    assertThatExceptionOfType(SnapshotFileException.class)
        .isThrownBy(() -> Deletion.delete(place.open("s")))
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
        .isThrownBy(() -> Deletion.delete(place.open("s")))
        .withMessageContaining("data/t.1.csv");
    Files.delete(directory.resolve("data/t.1.csv"));
    Files.move(directory.resolve("data"), directory.resolve("gone"));
    Files.createSymbolicLink(directory.resolve("data"), outside);
    assertThatExceptionOfType(SnapshotFileException.class)
        .isThrownBy(() -> Deletion.delete(place.open("s")));
    assertThat(outside.resolve("a.csv")).hasContent("mine");
  }
}
