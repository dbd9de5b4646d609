package org.pgwalrus.snapshot.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.Skip;

class CompressionTest {

  private static final long SEED = 20261121;

  @TempDir private Path directory = Path.of("");

  @Test
  void namesAreThoseOfSql() {
    assertThat(Arrays.stream(Compression.values()).map(Compression::sqlName))
        .containsExactly("none", "gzip", "lz4", "zstd");
    assertThat(Arrays.stream(Compression.values()).map(Compression::extension))
        .containsExactly(".csv", ".csv.gz", ".csv.lz4", ".csv.zst");
    assertThat(Compression.of("zstd")).isEqualTo(Compression.ZSTD);
  }

  @Test
  void anotherNameIsRefusedWithTheAllowedOnes() {
    assertThatExceptionOfType(SnapshotFileException.class)
        .isThrownBy(() -> Compression.of("bzip2"))
        .withMessage("invalid compression \"bzip2\"")
        .satisfies(e -> {
          assertThat(e.sqlState()).isEqualTo("22023");
          assertThat(e.hint()).isEqualTo("Use none, gzip, lz4 or zstd.");
        });
  }

  @ParameterizedTest
  @EnumSource
  void levelsOutsideTheRangeAreRefused(Compression compression) {
    compression.checkLevel(compression.minLevel());
    compression.checkLevel(compression.maxLevel());
    compression.checkLevel(compression.defaultLevel());
    for (int level : new int[] {compression.minLevel() - 1, compression.maxLevel() + 1}) {
      assertThatExceptionOfType(SnapshotFileException.class)
          .isThrownBy(() -> compression.compress(OutputStream.nullOutputStream(), level))
          .withMessageContaining("level " + level)
          .satisfies(e -> assertThat(e.hint()).contains(String.valueOf(compression.maxLevel())));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsCompressedComesBack(Compression compression) throws IOException {
    Random random = new Random(SEED);
    for (int level : levels(compression)) {
      for (int size : new int[] {0, 1, 65535, 65536, 65537, random.nextInt(1 << 20)}) {
        byte[] contents = Workplace.csv(random.nextLong(), size);
        byte[] noise = new byte[size];
        random.nextBytes(noise);
        assertThat(decompress(compression, compress(compression, level, contents)))
            .as("%s, level %s, %s bytes, seed %s", compression, level, size, SEED)
            .isEqualTo(contents);
        assertThat(decompress(compression, compress(compression, level, noise))).isEqualTo(noise);
      }
    }
  }

  private static int[] levels(Compression compression) {
    int middle = (compression.minLevel() + compression.maxLevel()) / 2;
    return new int[] {compression.minLevel(), middle, compression.defaultLevel()};
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void repetitionsTakeLessRoom(Compression compression) throws IOException {
    byte[] contents = Workplace.csv(SEED, 1 << 20);
    for (int level = compression.minLevel(); level <= compression.maxLevel(); level++) {
      assertThat(compress(compression, level, contents)).hasSizeLessThan(contents.length * 3 / 4);
    }
  }

  @ParameterizedTest
  @EnumSource
  void framesInARowAreOneFile(Compression compression) throws IOException {
    byte[] contents = Workplace.csv(SEED, 300_000);
    byte[] frame = compress(compression, compression.defaultLevel(), contents);
    // A source that never has anything available must not hide the second frame.
    assertThat(decompress(compression, join(frame, frame))).isEqualTo(join(contents, contents));
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whatIsDamagedFails(Compression compression) throws IOException {
    byte[] frame = compress(compression, compression.defaultLevel(), Workplace.csv(SEED, 100_000));
    Random random = new Random(SEED);
    for (int i = 0; i < 50; i++) {
      byte[] cut = Arrays.copyOf(frame, random.nextInt(1, frame.length));
      assertThatThrownBy(() -> decompress(compression, cut))
          .as("cut to %s of %s bytes", cut.length, frame.length)
          .isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> decompress(compression, join(frame, new byte[] {'x', 'y', 'z', '!'})))
        .isInstanceOf(IOException.class);
  }

  /** Bits that no checksum of the codec covers may pass: the file's own checksum finds them. */
  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void aFlippedBitNeverChangesTheContents(Compression compression) throws IOException {
    byte[] contents = Workplace.csv(SEED, 100_000);
    byte[] frame = compress(compression, compression.defaultLevel(), contents);
    Random random = new Random(SEED);
    for (int i = 0; i < 200; i++) {
      int bit = random.nextInt(frame.length * 8);
      byte[] flipped = frame.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      try {
        assertThat(decompress(compression, flipped)).as("bit %s", bit).isEqualTo(contents);
      } catch (IOException e) {
        assertThat(SnapshotFileException.reason(e)).as("bit %s", bit).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void theProgramReadsIt(Compression compression) throws IOException {
    requireProgram(compression);
    byte[] contents = Workplace.csv(SEED, 700_000);
    Path file = directory.resolve("a" + compression.extension());
    for (int level = compression.minLevel(); level <= compression.maxLevel(); level += 4) {
      byte[] frame = compress(compression, level, contents);
      Files.write(file, join(frame, frame));
      shell(compression.sqlName() + " -dc a" + compression.extension() + " > back");
      assertThat(Files.readAllBytes(directory.resolve("back"))).isEqualTo(join(contents, contents));
    }
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whatTheProgramWritesIsRead(Compression compression) throws IOException {
    requireProgram(compression);
    byte[] contents = Workplace.csv(SEED, 700_000);
    Files.write(directory.resolve("a.csv"), contents);
    String program = compression.sqlName();
    // By name, which goes into the header of gzip, and by a pipe; fast and thorough.
    shell(program + " -1 -c a.csv > packed; cat a.csv | " + program + " -9 -c >> packed");
    assertThat(decompress(compression, Files.readAllBytes(directory.resolve("packed"))))
        .isEqualTo(join(contents, contents));
  }

  @Test
  void dependentBlocksOfLz4AreRefusedInWords() throws IOException {
    requireProgram(Compression.LZ4);
    Files.write(directory.resolve("a.csv"), Workplace.csv(SEED, 700_000));
    shell("lz4 -B4 -BD -c a.csv > packed");
    byte[] packed = Files.readAllBytes(directory.resolve("packed"));
    assertThatThrownBy(() -> decompress(Compression.LZ4, packed))
        .hasMessageContaining("dependent blocks")
        .hasMessageContaining("lz4 -BI");
  }

  private void shell(String command) {
    Programs.run(List.of("sh", "-ec", "cd '" + directory + "'; " + command));
  }

  private static void requireProgram(Compression compression) {
    String program = compression.sqlName();
    String found = Programs.run(List.of("sh", "-c", "command -v " + program + " || true"));
    Skip.unless(
        !found.isBlank(),
        "the program " + program + " is not installed: apt-get install " + program);
  }

  private static byte[] compress(Compression compression, int level, byte[] contents)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream compressed = compression.compress(out, level)) {
      compressed.write(contents);
    }
    return out.toByteArray();
  }

  private static byte[] decompress(Compression compression, byte[] frames) throws IOException {
    try (InputStream in = compression.decompress(new Hesitant(frames))) {
      return in.readAllBytes();
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  /** Hands out a few bytes at a time, and never says that there are more. */
  private static final class Hesitant extends ByteArrayInputStream {
    Hesitant(byte[] bytes) {
      super(bytes);
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) {
      return super.read(target, offset, Math.min(length, 1013));
    }

    @Override
    public synchronized int available() {
      return 0;
    }
  }
}
