package org.pgwalrus.snapshot.files;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** zstd, one thread for each stream: a job has its own. */
final class ZstdCodec {

  /** The largest window that is taken, as a power of two: what the program takes, 128 MB. */
  private static final int WINDOW_LOG = 27;

  private ZstdCodec() {}

  static OutputStream compress(OutputStream out, int level) throws IOException {
    return new ZstdOutputStreamNoFinalizer(out, level).setChecksum(true);
  }

  static InputStream decompress(InputStream in) throws IOException {
    return new ZstdInputStreamNoFinalizer(in).setLongMax(WINDOW_LOG);
  }
}
