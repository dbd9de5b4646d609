package org.pgwalrus.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.ServerFiles;

/** The kinds of jobs in directories of src/test, compiled once where the server can read them. */
final class KindFiles {

  private static final String SERVICE = "META-INF/services/" + JobKind.class.getName();
  private static final Map<String, Path> CLASSES = new ConcurrentHashMap<>();

  private KindFiles() {}

  /** The installed jar, and behind it the kinds of jobs in a directory. */
  static String classPath(String directory) {
    return Installation.get().jar() + ":" + CLASSES.computeIfAbsent(directory, KindFiles::compile);
  }

  private static Path compile(String directory) {
    try {
      Path sources = Path.of("src/test", directory).toAbsolutePath();
      Path classes = ServerFiles.temporaryDirectory().resolve(directory);
      ServerFiles.compile(sources, classes);
      Files.createDirectories(classes.resolve(SERVICE).getParent());
      Files.copy(sources.resolve(SERVICE), classes.resolve(SERVICE));
      return classes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
