package org.pgwalrus.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small file system in memory, for running out of space in earnest. Making one takes root. */
public final class RamDisk implements AutoCloseable {

  private static final int CHUNK = 1 << 20;

  private final Path directory;
  private final Path filler;

  private RamDisk(Path directory) {
    this.directory = directory;
    this.filler = directory.resolve("filler");
  }

  /** Skips the test, and says so, where no file system can be mounted. */
  public static void assumePossible() {
    Path probe = Template.temporaryDirectory();
    try {
      mount(probe, 1).close();
    } catch (IllegalStateException | UncheckedIOException e) {
      Skip.because("no file system can be mounted here, which takes root: " + e.getMessage());
    } finally {
      Template.delete(probe);
    }
  }

  /** Puts a directory and what is in it onto a file system of this size. */
  static RamDisk under(Path directory, int megabytes) {
    Path aside = Path.of(directory + ".aside");
    Programs.run(List.of("mkdir", "-p", directory.toString()));
    Programs.run(List.of("mv", directory.toString(), aside.toString()));
    Programs.run(List.of("mkdir", directory.toString()));
    RamDisk disk = mount(directory, megabytes);
    Programs.run(List.of("cp", "-a", aside + "/.", directory.toString()));
    Template.delete(aside);
    Programs.run(List.of("chmod", "700", directory.toString()));
    Installation.get().give(directory);
    return disk;
  }

  /** Mounts one on a directory. */
  public static RamDisk mount(Path directory, int megabytes) {
    String size = "size=" + megabytes + "m";
    Programs.run(List.of("mount", "-t", "tmpfs", "-o", size, "tmpfs", directory.toString()));
    return new RamDisk(directory);
  }

  /** Leaves no byte free. */
  public void fill() {
    byte[] chunk = new byte[CHUNK];
    try (OutputStream out = Files.newOutputStream(filler)) {
      long free = store().getUnallocatedSpace();
      while (free > 0) {
        out.write(chunk, 0, (int) Math.min(CHUNK, free));
        free = store().getUnallocatedSpace();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives back what {@link #fill} has taken. */
  public void empty() {
    try {
      Files.deleteIfExists(filler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The share in use, percent. */
  public double usedPercent() {
    try {
      FileStore store = store();
      return 100.0 * (store.getTotalSpace() - store.getUnallocatedSpace()) / store.getTotalSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FileStore store() throws IOException {
    return Files.getFileStore(directory);
  }

  /** Unmounts it, even where a file is still open. */
  @Override
  public void close() {
    Programs.run(List.of("umount", "-l", directory.toString()));
  }
}
