package org.pgwalrus.snapshot.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Reads all members of a gzip file (RFC 1952). The JDK's own reader takes garbage behind a member
 * for the end, and misses a member where its source has nothing buffered.
 */
final class GzipInput extends InputStream {

  private static final int MAGIC = 0x8b1f;
  private static final int DEFLATE = 8;
  private static final int HEADER_CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final byte[] input = new byte[1 << 16];
  private int position;
  private int limit;
  private boolean inMember;
  private boolean anyMember;

  GzipInput(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (inMember || nextMember()) {
      int count = inflate(target, offset, length);
      if (count > 0) {
        checksum.update(target, offset, count);
        return count;
      }
    }
    return -1;
  }

  /** What could be inflated; 0 when the member has ended or its input is used up. */
  private int inflate(byte[] target, int offset, int length) throws IOException {
    try {
      int count = inflater.inflate(target, offset, length);
      if (count > 0) {
        return count;
      }
    } catch (DataFormatException e) {
      throw new ZipException("damaged deflate stream: " + e.getMessage());
    }
    if (inflater.finished()) {
      position = limit - inflater.getRemaining();
      endMember();
    } else if (inflater.needsDictionary()) {
      throw new ZipException("a preset dictionary is not allowed");
    } else {
      if (!fill()) {
        throw new EOFException("unexpected end of file");
      }
      inflater.setInput(input, 0, limit);
    }
    return 0;
  }

  private boolean nextMember() throws IOException {
    if (position == limit && !fill()) {
      if (!anyMember) {
        throw new EOFException("unexpected end of file");
      }
      return false;
    }
    readHeader();
    inflater.reset();
    checksum.reset();
    inflater.setInput(input, position, limit - position);
    inMember = true;
    anyMember = true;
    return true;
  }

  private void readHeader() throws IOException {
    if (readShort() != MAGIC || readByte() != DEFLATE) {
      throw new ZipException(anyMember ? "garbage after the last member" : "not in gzip format");
    }
    int flags = readByte();
    if ((flags & RESERVED) != 0) {
      throw new ZipException("reserved flags are set");
    }
    // Time, extra flags, operating system.
    skip(6);
    if ((flags & EXTRA) != 0) {
      skip(readShort());
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & HEADER_CHECKSUM) != 0) {
      skip(2);
    }
  }

  private void endMember() throws IOException {
    long expectedChecksum = readInt();
    long expectedLength = readInt();
    if (expectedChecksum != checksum.getValue()) {
      throw new ZipException("checksum mismatch");
    }
    if (expectedLength != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw new ZipException("length mismatch");
    }
    inMember = false;
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      readByte();
    }
  }

  private void skipText() throws IOException {
    while (readByte() != 0) {
      // The text means nothing here.
    }
  }

  private long readInt() throws IOException {
    return readShort() | (long) readShort() << 16;
  }

  private int readShort() throws IOException {
    return readByte() | readByte() << 8;
  }

  private int readByte() throws IOException {
    if (position == limit && !fill()) {
      throw new EOFException("unexpected end of file");
    }
    return input[position++] & 0xff;
  }

  /** Reads the next input into the buffer; false at the end of the file. */
  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(input, 0, input.length));
    return limit > 0;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
