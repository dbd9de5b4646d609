package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Reads one file of a snapshot and proves on the way that it is the one that was written: the size
 * first, then the checksum and the bytes that it expands to. It reads one piece ahead, so that the
 * last piece is handed out only after all of this was found right. One thread at a time.
 */
public final class DataFileReader implements AutoCloseable {

  private static final int PIECE = 1 << 16;
  private static final int NOT_READ = -1;

  private final StoredFile expected;
  private final Path path;
  private final StoredInput stored;
  private final InputStream contents;
  private byte[] piece = new byte[PIECE];
  private byte[] ahead = new byte[PIECE];
  private int position;
  private int limit;
  private int aheadLimit = NOT_READ;
  private boolean ended;
  private long uncompressedBytes;

  private DataFileReader(StoredFile expected, Path path, StoredInput stored, InputStream contents) {
    this.expected = expected;
    this.path = path;
    this.stored = stored;
    this.contents = contents;
  }

  /**
   * Opens a file and checks its size.
   *
   * @throws SnapshotFileException when the file is missing (58P01), of the wrong size (SR003), not
   *     a regular file of the server's OS user (42501), or the codec is not installed (0A000)
   */
  public static DataFileReader open(
      SnapshotDirectory snapshot, StoredFile expected, Compression compression) {
    Path path = snapshot.path().resolve(expected.file());
    FileChannel channel = snapshot.read(expected.file());
    StoredInput stored = new StoredInput(channel);
    try {
      checkSize(path, expected, channel.size());
      return new DataFileReader(expected, path, stored, compression.decompress(stored));
    } catch (IOException e) {
      throw closing(channel, SnapshotFileException.failed("read file", path, e));
    } catch (RuntimeException e) {
      throw closing(channel, e);
    }
  }

  private static RuntimeException closing(FileChannel channel, RuntimeException failure) {
    try {
      channel.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  private static void checkSize(Path path, StoredFile expected, long size) {
    if (expected.sizeBytes() != StoredFile.UNKNOWN && size != expected.sizeBytes()) {
      throw SnapshotFileException.corrupt(
          "file \"" + path + "\" has " + size + " bytes instead of " + expected.sizeBytes());
    }
  }

  /**
   * Puts the next uncompressed bytes into a buffer.
   *
   * @param target with room
   * @return how many, at least 1; -1 at the end, when the whole file was found right
   * @throws SnapshotFileException when the file is not the one that was written (SR003) or cannot
   *     be read (58030)
   */
  public int read(ByteBuffer target) {
    if (position == limit) {
      turn();
      if (limit == 0) {
        return -1;
      }
    }
    int some = Math.min(target.remaining(), limit - position);
    target.put(piece, position, some);
    position += some;
    return some;
  }

  /** Takes the piece that was read ahead, and reads the one behind it. */
  private void turn() {
    if (aheadLimit == NOT_READ) {
      aheadLimit = readAhead();
    }
    byte[] used = piece;
    piece = ahead;
    ahead = used;
    position = 0;
    limit = aheadLimit;
    aheadLimit = ended ? 0 : readAhead();
  }

  private int readAhead() {
    int filled = 0;
    try {
      int some;
      while (filled < PIECE && (some = contents.read(ahead, filled, PIECE - filled)) >= 0) {
        filled += some;
      }
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
    uncompressedBytes += filled;
    checkExpansion();
    if (filled < PIECE) {
      ended = true;
      checkEnd();
    }
    return filled;
  }

  private SnapshotFileException damaged(Exception cause) {
    IOException failure = stored.failure();
    if (failure != null) {
      return SnapshotFileException.failed("read file", path, failure);
    }
    return SnapshotFileException.corrupt(
        "file \"" + path + "\" is damaged: " + SnapshotFileException.reason(cause), cause);
  }

  private void checkEnd() {
    checkSize(path, expected, stored.count());
    String checksum = stored.checksum();
    if (!checksum.equals(expected.checksum())) {
      throw SnapshotFileException.corrupt(
          "file \"" + path + "\" has checksum " + checksum + " instead of " + expected.checksum());
    }
    if (uncompressedBytes < expected.uncompressedBytes()) {
      throw wrongExpansion("only " + uncompressedBytes);
    }
  }

  private void checkExpansion() {
    if (expected.uncompressedBytes() != StoredFile.UNKNOWN
        && uncompressedBytes > expected.uncompressedBytes()) {
      throw wrongExpansion("more");
    }
  }

  private SnapshotFileException wrongExpansion(String found) {
    return SnapshotFileException.corrupt(
        "file \""
            + path
            + "\" expands to "
            + found
            + " bytes instead of "
            + expected.uncompressedBytes());
  }

  /** Uncompressed bytes read from the file, up to two pieces more than were handed out. */
  public long uncompressedBytes() {
    return uncompressedBytes;
  }

  @Override
  public void close() {
    try {
      contents.close();
    } catch (IOException e) {
      throw SnapshotFileException.failed("close file", path, e);
    }
  }
}
