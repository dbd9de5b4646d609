package org.pgwalrus.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.pgwalrus.cluster.Installation;

/** An empty directory of the server's OS user that he cannot remove, as its parent is read only. */
final class FixedDirectory implements AutoCloseable {

  private static final Set<PosixFilePermission> READ_ONLY =
      PosixFilePermissions.fromString("r-xr-xr-x");
  private static final Set<PosixFilePermission> USUAL =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path parent;
  private final Path path;

  FixedDirectory(Path place, String name) throws IOException {
    parent = Files.createDirectory(place.resolve(name));
    path = Files.createDirectory(parent.resolve("snapshot"));
    Installation.get().give(path);
    Installation.get().give(parent);
    Files.setPosixFilePermissions(parent, READ_ONLY);
  }

  Path path() {
    return path;
  }

  /** Relative to the place. */
  String name() {
    return parent.getFileName() + "/" + path.getFileName();
  }

  @Override
  public void close() throws IOException {
    Files.setPosixFilePermissions(parent, USUAL);
  }
}
