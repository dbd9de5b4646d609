package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How much room disks have. */
public final class DiskSpace {

  private DiskSpace() {}

  /** Bytes that may still be written where a directory is; empty when that cannot be told. */
  public static OptionalLong free(Path directory) {
    try {
      return OptionalLong.of(Files.getFileStore(directory).getUsableSpace());
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
