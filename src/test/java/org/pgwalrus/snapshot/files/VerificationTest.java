package org.pgwalrus.snapshot.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.snapshot.files.FileCheck.Status;

class VerificationTest {

  private static final int FILES = 12;
  private static final int SIZE = 300_000;

  @TempDir private Path temporary = Path.of("");
  private Workplace place;
  private SnapshotDirectory snapshot;
  private Manifest manifest;
  private final List<Thread> threads = new ArrayList<>();

  @BeforeEach
  void makeSnapshot() throws IOException {
    place = new Workplace(temporary);
    snapshot = place.create("s");
    manifest = write(snapshot, FILES);
  }

  @AfterEach
  void noThreadIsLeft() {
    snapshot.close();
    assertThat(threads).noneMatch(Thread::isAlive);
  }

  static Manifest write(SnapshotDirectory snapshot, int files) {
    List<Manifest.Table> tables = new ArrayList<>();
    for (int i = 0; i < files; i++) {
      StoredFile file =
          Workplace.write(
              snapshot, "data/t." + i + ".csv", Compression.NONE, Workplace.csv(i, SIZE));
      tables.add(
          new Manifest.Table(
              "t", "n" + i, List.of("a"), List.of(), null, List.of(new Manifest.Part(file, 1))));
    }
    return ManifestFile.write(
            snapshot,
            new Manifest(
                2,
                Workplace.SNAPSHOT,
                "n",
                "0/1",
                false,
                null,
                null,
                Instant.EPOCH,
                "d",
                150000,
                "UTF8",
                "1",
                Compression.NONE,
                1,
                null,
                null,
                tables,
                List.of(),
                null,
                List.of()))
        .manifest();
  }

  private List<FileCheck> run(int count, java.util.function.LongConsumer pulse)
      throws InterruptedException {
    return Verification.run(
        snapshot,
        manifest,
        count,
        task -> {
          Thread thread = new Thread(task);
          threads.add(thread);
          thread.start();
          return thread;
        },
        pulse);
  }

  @Test
  void aSnapshotThatIsRightIsFoundRight() throws InterruptedException {
    List<Long> progress = new ArrayList<>();
    assertThat(run(4, progress::add)).hasSize(FILES).allMatch(FileCheck::isOk);
    assertThat(progress).isSorted().last().isEqualTo((long) FILES * SIZE);
    assertThat(threads).hasSize(4);
  }

  @Test
  void allProblemsAreFound() throws Exception {
    Path data = snapshot.path().resolve("data");
    Files.delete(data.resolve("t.1.csv"));
    Files.writeString(data.resolve("t.3.csv"), "short");
    Workplace.overwrite(data.resolve("t.5.csv"), 100_000, (byte) 0);
    Files.delete(data.resolve("t.7.csv"));
    Files.createSymbolicLink(data.resolve("t.7.csv"), data.resolve("t.8.csv"));
    List<FileCheck> checks = run(3, bytes -> {});
    assertThat(checks)
        .extracting(FileCheck::status)
        .containsExactly(
            Status.OK,
            Status.MISSING,
            Status.OK,
            Status.SIZE,
            Status.OK,
            Status.CHECKSUM,
            Status.OK,
            Status.FORBIDDEN,
            Status.OK,
            Status.OK,
            Status.OK,
            Status.OK);
    assertThat(checks.get(3).detail()).isEqualTo("has 5 bytes instead of " + SIZE);
    assertThat(checks.get(5).detail()).startsWith("has checksum sha256:");
    assertThat(checks.get(7).detail()).contains("is not a regular file");
    assertThat(checks.get(1).file()).isEqualTo("data/t.1.csv");
  }

  @Test
  void whatThePulseThrowsEndsIt() {
    assertThatIllegalStateException()
        .isThrownBy(() ->
            run(
                2,
                bytes -> {
                  throw new IllegalStateException("cancelled");
                }))
        .withMessage("cancelled");
  }

  @Test
  void anInterruptEndsIt() {
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> run(2, bytes -> Thread.currentThread().interrupt()));
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void aFactoryThatFailsLeavesNoThread() {
    assertThatExceptionOfType(OutOfMemoryError.class)
        .isThrownBy(() ->
            Verification.run(
                snapshot,
                manifest,
                2,
                task -> {
                  if (!threads.isEmpty()) {
                    throw new OutOfMemoryError("no thread");
                  }
                  threads.add(Thread.ofPlatform().start(task));
                  return threads.getFirst();
                },
                bytes -> {}));
  }

  @Test
  void aSnapshotWithoutFilesIsRight() throws Exception {
    try (SnapshotDirectory empty = place.create("empty")) {
      Manifest none = write(empty, 0);
      assertThat(Verification.run(empty, none, 4, Thread.ofPlatform()::start, bytes -> {}))
          .isEmpty();
    }
  }
}
