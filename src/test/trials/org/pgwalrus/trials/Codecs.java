package org.pgwalrus.trials;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.snapshot.files.Compression;

/** Compresses something, and looks whether it comes back. */
final class Codecs {

  private Codecs() {}

  static void use(String name) {
    Compression compression = Compression.of(name);
    byte[] contents = new byte[1 << 20];
    for (int i = 0; i < contents.length; i++) {
      contents[i] = (byte) (i * i >> 5);
    }
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    try (OutputStream out = compression.compress(stored, compression.defaultLevel())) {
      out.write(contents);
    } catch (IOException e) {
      throw new JobException(e.toString());
    }
    try (InputStream in = compression.decompress(new ByteArrayInputStream(stored.toByteArray()))) {
      if (!Arrays.equals(in.readAllBytes(), contents)) {
        throw new JobException(name + " gave something else back");
      }
    } catch (IOException e) {
      throw new JobException(e.toString());
    }
  }
}
