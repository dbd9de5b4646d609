package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Writes one file of a snapshot in one pass: compresses, hashes, counts and stores. Until {@link
 * #finish()} it is called {@code <name>.partial}; closed before, it is deleted.
 *
 * <p>One thread at a time; another one may read the counts.
 */
public final class DataFileWriter implements AutoCloseable {

  private final String file;
  private final PartialFile stored;
  private final OutputStream compressed;
  private volatile long uncompressedBytes;
  private boolean open = true;

  private DataFileWriter(String file, PartialFile stored, OutputStream compressed) {
    this.file = file;
    this.stored = stored;
    this.compressed = compressed;
  }

  /**
   * Begins a file, with permissions 0600.
   *
   * @param file relative to the snapshot directory, in a directory that exists
   * @param level within the range of the codec
   * @throws SnapshotFileException when an argument is not legal (22023), the codec is not installed
   *     (0A000), or the file could not be made (58P02, 58030)
   */
  public static DataFileWriter create(
      SnapshotDirectory snapshot, String file, Compression compression, int level) {
    PartialFile stored = new PartialFile(snapshot, file);
    try {
      return new DataFileWriter(file, stored, compression.compress(stored, level));
    } catch (IOException e) {
      stored.discard();
      throw stored.failed(e);
    } catch (RuntimeException e) {
      stored.discard();
      throw e;
    }
  }

  /**
   * Takes all that remains in a buffer, which is one of an array.
   *
   * @throws SnapshotFileException when the disk is full (53100) or cannot be written (58030)
   */
  public void write(ByteBuffer bytes) {
    write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    bytes.position(bytes.limit());
  }

  /**
   * Takes bytes of an array.
   *
   * @throws SnapshotFileException when the disk is full (53100) or cannot be written (58030)
   */
  public void write(byte[] bytes, int offset, int length) {
    try {
      compressed.write(bytes, offset, length);
    } catch (IOException e) {
      throw stored.failed(e);
    }
    count(length);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  private void count(int length) {
    uncompressedBytes += length;
  }

  /** Bytes taken so far. */
  public long uncompressedBytes() {
    return uncompressedBytes;
  }

  /** Bytes in the file so far. */
  public long storedBytes() {
    return stored.count();
  }

  /**
   * Ends the file, brings it to the disk and gives it its name, which the manifest makes last.
   *
   * @throws SnapshotFileException when the disk is full (53100), the name is taken (58P02) or the
   *     disk cannot be written (58030)
   */
  public StoredFile finish() {
    try {
      compressed.close();
      String checksum = stored.seal();
      stored.publish();
      open = false;
      return new StoredFile(file, stored.count(), checksum, uncompressedBytes);
    } catch (IOException e) {
      throw stored.failed(e);
    }
  }

  /** Deletes the file unless it is finished. */
  @Override
  public void close() {
    if (open) {
      open = false;
      stored.discard();
      endCodec();
    }
  }

  /** Frees what the codec holds; the file is gone, so nothing of it can matter. */
  private void endCodec() {
    try {
      compressed.close();
    } catch (IOException e) {
      // It was told when it failed first.
    }
  }
}
