package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Reads a file in large pieces, and counts and hashes them on the way. */
final class StoredInput extends InputStream {

  private final FileChannel channel;
  private final MessageDigest digest = Checksum.start();
  private final byte[] buffer = new byte[1 << 16];
  private int position;
  private int limit;
  private long count;
  private @Nullable IOException failure;

  StoredInput(FileChannel channel) {
    this.channel = channel;
  }

  @Override
  public int read() throws IOException {
    return position < limit || fill() ? buffer[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (position == limit && !fill()) {
      return -1;
    }
    int some = Math.min(length, limit - position);
    System.arraycopy(buffer, position, target, offset, some);
    position += some;
    return some;
  }

  /** Reads and hashes the next piece; false at the end of the file. */
  boolean fill() throws IOException {
    position = 0;
    limit = 0;
    try {
      limit = Math.max(0, channel.read(ByteBuffer.wrap(buffer)));
    } catch (IOException e) {
      failure = e;
      throw e;
    }
    digest.update(buffer, 0, limit);
    count += limit;
    return limit > 0;
  }

  /** Why the file could not be read, null when it could. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Bytes read from the file. */
  long count() {
    return count;
  }

  /** The checksum of what was read, once. */
  String checksum() {
    return Checksum.finish(digest);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
