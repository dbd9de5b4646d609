package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Copies a file of a snapshot for programs that read it by its path. */
public final class VerifiedCopy {

  private VerifiedCopy() {}

  /**
   * Copies the bytes that the manifest tells of to a new file.
   *
   * @throws SnapshotFileException when they have changed (SR003), cannot be read (58P01, 42501,
   *     58030) or written (53100, 58030)
   */
  public static void make(SnapshotDirectory snapshot, StoredFile file, Path copy) {
    try (StoredInput in = new StoredInput(snapshot.read(file.file()));
        OutputStream out = Files.newOutputStream(copy, StandardOpenOption.CREATE_NEW)) {
      in.transferTo(out);
      String checksum = in.checksum();
      if (!checksum.equals(file.checksum())) {
        throw SnapshotFileException.corrupt(
            "file \""
                + snapshot.path().resolve(file.file())
                + "\" has checksum "
                + checksum
                + " instead of "
                + file.checksum());
      }
    } catch (IOException e) {
      throw SnapshotFileException.failed("copy file", snapshot.path().resolve(file.file()), e);
    }
  }
}
