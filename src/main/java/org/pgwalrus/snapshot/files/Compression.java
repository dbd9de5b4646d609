package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The codecs of data files. What they write, the programs {@code gzip}, {@code lz4} and {@code
 * zstd} can read, and the other way round, several frames in a row included.
 */
public enum Compression {
  /** The bytes as they are; has no levels. */
  NONE(".csv", 0, 0, 0),
  /** zlib's levels and default. */
  GZIP(".csv.gz", 1, 9, 6),
  /** Levels 1 and 2 are the fast compressor, from 3 on it is the thorough one. */
  LZ4(".csv.lz4", 1, 12, 1),
  /** Levels above 19 would need hundreds of megabytes for each stream. */
  ZSTD(".csv.zst", 1, 19, 3);

  private final String extension;
  private final int minLevel;
  private final int maxLevel;
  private final int defaultLevel;

  Compression(String extension, int minLevel, int maxLevel, int defaultLevel) {
    this.extension = extension;
    this.minLevel = minLevel;
    this.maxLevel = maxLevel;
    this.defaultLevel = defaultLevel;
  }

  /**
   * The codec that SQL calls by this name.
   *
   * @throws SnapshotFileException (22023) when there is none
   */
  public static Compression of(String sqlName) {
    Compression found = find(sqlName);
    if (found == null) {
      throw SnapshotFileException.invalid(
          "invalid compression \"" + sqlName + "\"", "Use none, gzip, lz4 or zstd.");
    }
    return found;
  }

  static @Nullable Compression find(String sqlName) {
    for (Compression compression : values()) {
      if (compression.sqlName().equals(sqlName)) {
        return compression;
      }
    }
    return null;
  }

  /** Its name in SQL and in the manifest. */
  public String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** How the names of its data files end. */
  public String extension() {
    return extension;
  }

  /** The fastest level. */
  public int minLevel() {
    return minLevel;
  }

  /** The most thorough level. */
  public int maxLevel() {
    return maxLevel;
  }

  /** The level when none is asked for. */
  public int defaultLevel() {
    return defaultLevel;
  }

  /**
   * Refuses a level that the codec does not have.
   *
   * @throws SnapshotFileException (22023) that names the range
   */
  public void checkLevel(int level) {
    if (level < minLevel || level > maxLevel) {
      throw SnapshotFileException.invalid(
          "invalid compression level " + level + " for \"" + sqlName() + "\"",
          this == NONE
              ? "Without compression the level is 0."
              : "Use a level from " + minLevel + " to " + maxLevel + ".");
    }
  }

  /**
   * Loads the codec's library, to be called before a job writes anything.
   *
   * @throws SnapshotFileException (0A000) when it is not installed
   */
  public void load() {
    try {
      compress(OutputStream.nullOutputStream(), defaultLevel).close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Compresses what is written to the result, as one frame. Its {@code close} ends the frame and
   * closes {@code out}.
   *
   * @param level within the range of the codec
   * @throws SnapshotFileException when the level is not legal (22023) or the library is missing
   *     (0A000)
   */
  public OutputStream compress(OutputStream out, int level) throws IOException {
    checkLevel(level);
    try {
      return switch (this) {
        case NONE -> out;
        case GZIP -> GzipCodec.compress(out, level);
        case LZ4 -> Lz4Codec.compress(out, level);
        case ZSTD -> ZstdCodec.compress(out, level);
      };
    } catch (LinkageError | UnsupportedOperationException e) {
      throw SnapshotFileException.notInstalled(sqlName(), e);
    }
  }

  /**
   * Decompresses a file: all its frames. The stream fails with an {@link IOException} where a frame
   * is damaged or ends early and where anything else follows, and takes at most 128 MB (zstd), 8 MB
   * (lz4) or 64 kB (gzip) whatever the frame claims.
   *
   * @param in should be buffered: headers are read byte by byte
   * @throws SnapshotFileException (0A000) when the library is missing
   */
  public InputStream decompress(InputStream in) throws IOException {
    try {
      return switch (this) {
        case NONE -> in;
        case GZIP -> GzipCodec.decompress(in);
        case LZ4 -> Lz4Codec.decompress(in);
        case ZSTD -> ZstdCodec.decompress(in);
      };
    } catch (LinkageError | UnsupportedOperationException e) {
      throw SnapshotFileException.notInstalled(sqlName(), e);
    }
  }
}
