package org.pgwalrus.snapshot.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgwalrus.cluster.RamDisk;

/** What is written is read, and whatever else is in its place is told. */
class DataFileTest {

  private static final long SEED = 7;
  private static final byte[] CONTENTS = Workplace.csv(SEED, 500_000);

  @TempDir private Path temporary = Path.of("");
  private Workplace place;
  private SnapshotDirectory snapshot;

  @BeforeEach
  void makeDirectory() throws IOException {
    place = new Workplace(temporary);
    snapshot = place.create("s");
  }

  @AfterEach
  void closeDirectory() {
    snapshot.close();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenIsCountedHashedAndRead(Compression compression)
      throws IOException, GeneralSecurityException {
    String file = "data/a" + compression.extension();
    StoredFile stored;
    try (DataFileWriter writer =
        DataFileWriter.create(snapshot, file, compression, compression.defaultLevel())) {
      writeInPieces(writer);
      assertThat(path(file + ".partial")).exists();
      assertThat(path(file)).doesNotExist();
      stored = writer.finish();
    }
    byte[] bytes = Files.readAllBytes(path(file));
    assertThat(stored.file()).isEqualTo(file);
    assertThat(stored.sizeBytes()).isEqualTo(bytes.length);
    assertThat(stored.uncompressedBytes()).isEqualTo(CONTENTS.length);
    assertThat(stored.checksum())
        .isEqualTo(
            "sha256:"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
    assertThat(path(file + ".partial")).doesNotExist();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path(file))))
        .isEqualTo("rw-------");
    assertThat(Workplace.read(snapshot, stored, compression)).isEqualTo(CONTENTS);
  }

  /** Arrays and slices of arrays. */
  private static void writeInPieces(DataFileWriter writer) {
    Random random = new Random(SEED);
    int done = 0;
    while (done < CONTENTS.length) {
      int length = Math.min(CONTENTS.length - done, random.nextInt(150_000));
      if (random.nextBoolean()) {
        writer.write(CONTENTS, done, length);
      } else {
        ByteBuffer slice = ByteBuffer.wrap(CONTENTS, done, length).slice();
        writer.write(slice);
        assertThat(slice.hasRemaining()).isFalse();
      }
      done += length;
      assertThat(writer.uncompressedBytes()).isEqualTo(done);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatIsNotFinishedIsDeleted(Compression compression) throws IOException {
    try (DataFileWriter writer =
        DataFileWriter.create(snapshot, "data/a", compression, compression.defaultLevel())) {
      writer.write(CONTENTS, 0, CONTENTS.length);
    }
    try (var left = Files.list(path("data"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aNameThatIsTakenIsNotOverwritten() throws IOException {
    Files.writeString(path("data/a"), "mine");
    try (DataFileWriter writer = DataFileWriter.create(snapshot, "data/a", Compression.NONE, 0)) {
      writer.write(CONTENTS, 0, 10);
      fails("58P02", writer::finish, "data/a", "exists already");
    }
    assertThat(path("data/a")).hasContent("mine");
    assertThat(path("data/a.partial")).doesNotExist();
  }

  @Test
  void aLevelThatIsNotLegalLeavesNoFile() {
    fails(
        "22023", () -> DataFileWriter.create(snapshot, "data/a", Compression.GZIP, 10), "level 10");
    assertThat(path("data/a.partial")).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource
  void aFullDiskIsToldWithTheFile(Compression compression) throws IOException {
    RamDisk.assumePossible();
    Path mounted = Files.createDirectory(place.directory.resolve("small"));
    byte[] noise = new byte[1 << 20];
    Random random = new Random(SEED);
    try (RamDisk disk = RamDisk.mount(mounted, 2);
        SnapshotDirectory full = place.create("small/s")) {
      assertThat(disk.usedPercent()).isLessThan(50);
      try (DataFileWriter writer =
          DataFileWriter.create(full, "data/a", compression, compression.defaultLevel())) {
        fails(
            "53100",
            () -> {
              for (int i = 0; i < 4; i++) {
                random.nextBytes(noise);
                writer.write(noise, 0, noise.length);
              }
              writer.finish();
            },
            "small/s/data/a",
            "no space left on device");
      }
      assertThat(mounted.resolve("s/data/a.partial")).doesNotExist();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTruncatedFileIsToldBeforeItIsRead(Compression compression) throws IOException {
    StoredFile stored = Workplace.write(snapshot, "data/a", compression, CONTENTS);
    try (var channel =
        Files.newByteChannel(path("data/a"), java.nio.file.StandardOpenOption.WRITE)) {
      channel.truncate(stored.sizeBytes() - 1);
    }
    fails(
        "SR003",
        () -> DataFileReader.open(snapshot, stored, compression),
        "data/a",
        stored.sizeBytes() - 1 + " bytes instead of " + stored.sizeBytes());
  }

  @ParameterizedTest
  @EnumSource
  void aTruncatedFileIsToldAlsoWhenTheManifestAgrees(Compression compression) throws IOException {
    StoredFile stored = Workplace.write(snapshot, "data/a", compression, CONTENTS);
    byte[] cut = new byte[(int) stored.sizeBytes() - 20];
    System.arraycopy(Files.readAllBytes(path("data/a")), 0, cut, 0, cut.length);
    Files.write(path("data/a"), cut);
    StoredFile forged =
        new StoredFile("data/a", cut.length, sha256(cut), stored.uncompressedBytes());
    fails("SR003", () -> Workplace.read(snapshot, forged, compression), "data/a");
  }

  @ParameterizedTest
  @EnumSource
  void aFlippedBitIsToldBeforeTheLastBytesAreHandedOut(Compression compression) throws IOException {
    StoredFile stored = Workplace.write(snapshot, "data/a", compression, CONTENTS);
    byte[] right = Files.readAllBytes(path("data/a"));
    Random random = new Random(SEED);
    for (int i = 0; i < 40; i++) {
      int bit = random.nextInt(right.length * 8);
      byte[] flipped = right.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(path("data/a"), flipped);
      ByteBuffer read = ByteBuffer.allocate(CONTENTS.length);
      Throwable thrown = catchThrowable(() -> readInto(stored, compression, read));
      assertThat(thrown)
          .as("bit %s", bit)
          .isInstanceOf(SnapshotFileException.class)
          .hasMessageContaining("data/a");
      assertThat(read.position()).isLessThan(CONTENTS.length);
    }
  }

  private void readInto(StoredFile stored, Compression compression, ByteBuffer target) {
    try (DataFileReader reader = DataFileReader.open(snapshot, stored, compression)) {
      while (reader.read(target) >= 0) {
        // Until the end.
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void garbageAtTheEndIsTold(Compression compression) throws IOException {
    Workplace.write(snapshot, "data/a", compression, CONTENTS);
    ByteArrayOutputStream more = new ByteArrayOutputStream();
    more.write(Files.readAllBytes(path("data/a")));
    more.write("garbage!".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    Files.write(path("data/a"), more.toByteArray());
    // Even with a manifest that knows the garbage.
    StoredFile forged =
        new StoredFile("data/a", more.size(), sha256(more.toByteArray()), CONTENTS.length);
    fails("SR003", () -> Workplace.read(snapshot, forged, compression), "data/a");
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void aBombIsDefused(Compression compression) throws IOException {
    byte[] zeros = new byte[50 << 20];
    StoredFile bomb = Workplace.write(snapshot, "data/bomb", compression, zeros);
    StoredFile forged = new StoredFile("data/bomb", bomb.sizeBytes(), bomb.checksum(), 1000);
    try (DataFileReader reader = DataFileReader.open(snapshot, forged, compression)) {
      fails(
          "SR003",
          () -> reader.read(ByteBuffer.allocate(1 << 20)),
          "data/bomb",
          "expands to more bytes instead of 1000");
      assertThat(reader.uncompressedBytes()).isLessThan(1 << 20);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatExpandsToLessIsTold(Compression compression) {
    StoredFile stored = Workplace.write(snapshot, "data/a", compression, CONTENTS);
    StoredFile forged =
        new StoredFile("data/a", stored.sizeBytes(), stored.checksum(), CONTENTS.length + 1);
    fails("SR003", () -> Workplace.read(snapshot, forged, compression), "expands to only");
  }

  /** The header of a frame that asks for a window of 2 GB. */
  @Test
  void aHugeWindowIsNotAllocated() throws IOException {
    byte[] frame = HexFormat.of().parseHex("28b52ffd00a8010000");
    Files.write(path("data/a"), frame);
    StoredFile forged = new StoredFile("data/a", frame.length, sha256(frame), 1 << 30);
    fails("SR003", () -> Workplace.read(snapshot, forged, Compression.ZSTD), "data/a", "memory");
  }

  /** A block that claims 4 MB and has 10 bytes, in a frame that claims 2^62 bytes. */
  @Test
  void aHugeBlockIsNotBelieved() throws IOException {
    byte[] frame = HexFormat.of().parseHex("04224d186870000000000000004000ffff3f0000");
    Files.write(path("data/a"), frame);
    StoredFile forged = new StoredFile("data/a", frame.length, sha256(frame), 1 << 30);
    fails("SR003", () -> Workplace.read(snapshot, forged, Compression.LZ4), "data/a");
  }

  @Test
  void anEmptyFileComesBack() {
    for (Compression compression : Compression.values()) {
      StoredFile stored =
          Workplace.write(snapshot, "data/" + compression, compression, new byte[0]);
      assertThat(Workplace.read(snapshot, stored, compression)).isEmpty();
    }
  }

  private Path path(String name) {
    return snapshot.path().resolve(name);
  }

  private static String sha256(byte[] bytes) {
    MessageDigest digest = Checksum.start();
    digest.update(bytes);
    return Checksum.finish(digest);
  }

  private static void fails(String sqlState, ThrowingCallable action, String... messages) {
    assertThatExceptionOfType(SnapshotFileException.class)
        .isThrownBy(action)
        .satisfies(e -> {
          assertThat(e.message()).contains(messages);
          assertThat(e.sqlState()).isEqualTo(sqlState);
        });
  }
}
