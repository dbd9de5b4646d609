package org.pgwalrus.snapshot.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open directory. What is in it is reached through the descriptor and never through a symbolic
 * link, so that nobody can put another directory in its place meanwhile.
 */
final class Directory implements Closeable {

  static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

  private static final Set<PosixFilePermission> PRIVATE_FILE =
      PosixFilePermissions.fromString("rw-------");
  private static final Path SELF = Path.of(".");

  private final Path path;
  private final SecureDirectoryStream<Path> stream;

  private Directory(Path path, SecureDirectoryStream<Path> stream) {
    this.path = path;
    this.stream = stream;
  }

  /** Opens a path as it is; the caller makes sure that it is what was checked. */
  @SuppressWarnings("StreamResourceLeak") // closed with the directory
  static Directory open(Path path) throws IOException {
    DirectoryStream<Path> opened = Files.newDirectoryStream(path);
    if (opened instanceof SecureDirectoryStream<Path> secure) {
      return new Directory(path, secure);
    }
    opened.close();
    throw new IOException("this operating system cannot open files relative to a directory");
  }

  /** Opens a directory in this one. */
  Directory child(String name) throws IOException {
    return new Directory(
        path.resolve(name).normalize(),
        stream.newDirectoryStream(Path.of(name), LinkOption.NOFOLLOW_LINKS));
  }

  /** Its path, for messages. */
  Path path() {
    return path;
  }

  PosixFileAttributes attributes() throws IOException {
    return stream.getFileAttributeView(PosixFileAttributeView.class).readAttributes();
  }

  void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
    stream.getFileAttributeView(PosixFileAttributeView.class).setPermissions(permissions);
  }

  /** Of a file, directory or link in this directory; null when there is none of that name. */
  @Nullable PosixFileAttributes attributes(String name) throws IOException {
    try {
      return stream
          .getFileAttributeView(
              Path.of(name), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .readAttributes();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** What is in it, in order. */
  List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    // A stream can be iterated once only.
    try (var again = stream.newDirectoryStream(SELF, LinkOption.NOFOLLOW_LINKS)) {
      again.forEach(entry -> names.add(entry.getFileName().toString()));
    }
    names.sort(null);
    return names;
  }

  /** Opens a file for reading; it must be known to be a regular one, as others may block. */
  FileChannel read(String name) throws IOException {
    return (FileChannel)
        stream.newByteChannel(
            Path.of(name), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
  }

  /** Makes a new file for writing that is nobody else's. */
  FileChannel create(String name) throws IOException {
    return (FileChannel)
        stream.newByteChannel(
            Path.of(name),
            Set.of(
                StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PRIVATE_FILE));
  }

  /** Gives a file another name, which must be free. */
  void rename(String from, String to) throws IOException {
    if (attributes(to) != null) {
      throw new FileAlreadyExistsException(path.resolve(to).toString());
    }
    stream.move(Path.of(from), stream, Path.of(to));
  }

  void delete(String name) throws IOException {
    stream.deleteFile(Path.of(name));
  }

  void deleteDirectory(String name) throws IOException {
    stream.deleteDirectory(Path.of(name));
  }

  /** Brings its entries to the disk. */
  void sync() throws IOException {
    try (FileChannel channel = read(SELF.toString())) {
      channel.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
