package org.pgwalrus.snapshot.dump;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.pgwalrus.jobs.JobException;

/**
 * A directory for one run of a program, which only the server's OS user can enter: its name cannot
 * be foreseen, its path is short enough for a socket, and it is gone afterwards. One whose worker
 * was killed is removed by the next job, which knows it by a lock that nobody holds any more.
 */
final class Workplace implements AutoCloseable {

  private static final String PREFIX = "steep_repl-";
  private static final String LOCK = "lock";

  /** Those of this process, which would lose its locks by looking at them. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel lock;

  private Workplace(Path directory, FileChannel lock) {
    this.directory = directory;
    this.lock = lock;
  }

  /** Makes one where the system has its temporary files. */
  static Workplace make() {
    return make(Path.of("/tmp"));
  }

  static Workplace make(Path parent) {
    try {
      Path directory =
          Files.createTempDirectory(
              parent,
              PREFIX,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      HELD.add(directory);
      Workplace made = new Workplace(directory, lock(directory));
      removeAbandoned(parent, Files.getOwner(directory));
      return made;
    } catch (IOException e) {
      throw new JobException(
          "could not make a directory in \"" + parent + "\" for programs: " + e.getMessage());
    }
  }

  /** It gets its name when it is locked: nobody else may lock it before. */
  private static FileChannel lock(Path directory) throws IOException {
    Path unlocked = directory.resolve("unlocked");
    FileChannel channel =
        FileChannel.open(unlocked, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    channel.lock();
    Files.move(unlocked, directory.resolve(LOCK), StandardCopyOption.ATOMIC_MOVE);
    return channel;
  }

  private static void removeAbandoned(Path parent, UserPrincipal owner) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path directory : left) {
        if (!HELD.contains(directory) && isOf(owner, directory)) {
          removeUnlessLocked(directory);
        }
      }
    }
  }

  /** Another job may be removing it. */
  private static boolean isOf(UserPrincipal owner, Path directory) throws IOException {
    try {
      return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(owner);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static void removeUnlessLocked(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock mine = channel.tryLock()) {
      if (mine != null) {
        remove(directory);
      }
    } catch (NoSuchFileException e) {
      // Just being made, or just being removed.
    }
  }

  private static void remove(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }

  /** What libpq takes for a host. */
  Path directory() {
    return directory;
  }

  /** The socket of the server that programs are to find, at port 5432. */
  Path socket() {
    return directory.resolve(".s.PGSQL.5432");
  }

  /** A file in it. */
  Path file(String name) {
    return directory.resolve(name);
  }

  /** Removes it with all that is in it. */
  @Override
  public void close() {
    try (lock) {
      if (lock.isOpen()) {
        remove(directory);
        HELD.remove(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
