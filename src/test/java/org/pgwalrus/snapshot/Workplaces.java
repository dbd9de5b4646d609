package org.pgwalrus.snapshot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The directories in which jobs run programs, whosever they are. */
final class Workplaces {

  private Workplaces() {}

  /** Those whose worker was killed: nobody holds their locks. */
  static List<Path> abandoned() {
    List<Path> abandoned = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/tmp"), "steep_repl-*")) {
      for (Path workplace : all) {
        if (isAbandoned(workplace)) {
          abandoned.add(workplace);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return abandoned;
  }

  private static boolean isAbandoned(Path workplace) throws IOException {
    try (FileChannel channel =
            FileChannel.open(workplace.resolve("lock"), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
