package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/**
 * A file that is called {@code <name>.partial} until it is whole. Counts and hashes what is written
 * on the way.
 */
final class PartialFile extends OutputStream {

  /** A file system that has less cannot take another block. */
  private static final long NO_SPACE = 1 << 16;

  /** It grows when it is full, as there may be many files of a few rows. */
  private static final int SMALLEST_BUFFER = 1 << 12;

  private static final int LARGEST_BUFFER = 1 << 16;

  private final Path path;
  private final String name;
  private final Directory directory;
  private final FileChannel channel;
  private final MessageDigest digest = Checksum.start();
  private byte[] buffer = new byte[SMALLEST_BUFFER];
  private int filled;
  private boolean discarded;
  private volatile long count;

  /**
   * Makes the file.
   *
   * @throws SnapshotFileException when the name is not legal (22023) or taken (58P02), or the file
   *     could not be made (58030)
   */
  PartialFile(SnapshotDirectory snapshot, String file) {
    List<String> names = RelativePath.split(file);
    path = snapshot.path().resolve(file);
    name = names.getLast();
    try {
      directory = snapshot.directory(names.subList(0, names.size() - 1));
      channel = directory.create(partial());
    } catch (IOException e) {
      throw SnapshotFileException.failed("create file", path + FileNames.PARTIAL, e);
    }
  }

  private String partial() {
    return name + FileNames.PARTIAL;
  }

  @Override
  public void write(int b) throws IOException {
    buffer[filled++] = (byte) b;
    makeRoom();
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int some = Math.min(length - done, buffer.length - filled);
      System.arraycopy(bytes, offset + done, buffer, filled, some);
      filled += some;
      done += some;
      makeRoom();
    }
  }

  private void makeRoom() throws IOException {
    if (filled == buffer.length) {
      if (filled < LARGEST_BUFFER) {
        buffer = Arrays.copyOf(buffer, filled * 4);
      } else {
        drain();
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  private void drain() throws IOException {
    if (!discarded) {
      digest.update(buffer, 0, filled);
      ByteBuffer rest = ByteBuffer.wrap(buffer, 0, filled);
      while (rest.hasRemaining()) {
        count += channel.write(rest);
      }
    }
    filled = 0;
  }

  /** Bytes that are in the file. */
  long count() {
    return count;
  }

  /**
   * Brings the file to the disk; nothing can be written any more.
   *
   * @return the checksum of what is in it
   */
  String seal() throws IOException {
    drain();
    channel.force(true);
    channel.close();
    return Checksum.finish(digest);
  }

  /** Gives the sealed file its name, which comes to the disk when its directory does. */
  void publish() throws IOException {
    directory.rename(partial(), name);
  }

  /** Deletes the file; what is still written, a codec's end of frame, goes nowhere. */
  void discard() {
    discarded = true;
    try (channel) {
      if (directory.attributes(partial()) != null) {
        directory.delete(partial());
      }
    } catch (IOException e) {
      throw SnapshotFileException.failed("remove file", path + FileNames.PARTIAL, e);
    }
  }

  /** What a failed write means; the text of an error depends on the locale, the space does not. */
  SnapshotFileException failed(IOException cause) {
    try {
      if (Files.getFileStore(directory.path()).getUsableSpace() < NO_SPACE) {
        return SnapshotFileException.diskFull(path, cause);
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    return SnapshotFileException.failed("write to file", path, cause);
  }

  /** Nothing: a codec closes this when its frame ends, and the file is not yet published. */
  @Override
  public void close() {}
}
