package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import net.jpountz.xxhash.XXHashFactory;

/** The frame format of lz4: independent blocks and a checksum of the contents. */
final class Lz4Codec {

  private static final int FIRST_THOROUGH_LEVEL = 3;
  private static final long SIZE_UNKNOWN = -1;

  private Lz4Codec() {}

  static OutputStream compress(OutputStream out, int level) throws IOException {
    LZ4Factory factory = LZ4Factory.fastestInstance();
    LZ4Compressor compressor =
        level < FIRST_THOROUGH_LEVEL ? factory.fastCompressor() : factory.highCompressor(level);
    // Matches reach back 64 kB at most: larger blocks would hardly compress better.
    return new LZ4FrameOutputStream(
        out,
        BLOCKSIZE.SIZE_256KB,
        SIZE_UNKNOWN,
        compressor,
        XXHashFactory.fastestInstance().hash32(),
        FLG.Bits.BLOCK_INDEPENDENCE,
        FLG.Bits.CONTENT_CHECKSUM);
  }

  static InputStream decompress(InputStream in) throws IOException {
    return new Input(in);
  }

  /** Says in words which frames the library does not read. */
  private static final class Input extends LZ4FrameInputStream {

    Input(InputStream in) throws IOException {
      super(in);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return super.read(target, offset, length);
      } catch (IOException e) {
        Throwable cause = e.getCause();
        if (cause != null && String.valueOf(cause.getMessage()).contains("BLOCK_INDEPENDENCE")) {
          throw new IOException(
              "it has dependent blocks, which are not read: compress it with \"lz4 -BI\"", e);
        }
        throw e;
      }
    }
  }
}
