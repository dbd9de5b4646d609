package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** gzip, by the JDK's zlib. */
final class GzipCodec {

  private static final int BUFFER = 1 << 16;

  private GzipCodec() {}

  static OutputStream compress(OutputStream out, int level) throws IOException {
    return new Output(out, level);
  }

  static InputStream decompress(InputStream in) {
    return new GzipInput(in);
  }

  /** The JDK's stream takes a level in a subclass only. */
  private static final class Output extends GZIPOutputStream {
    Output(OutputStream out, int level) throws IOException {
      super(out, BUFFER);
      def.setLevel(level);
    }
  }
}
