package org.pgwalrus.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.ServerFiles;

/** The kind of jobs in src/test/trials, compiled once where the server can read it. */
final class TrialFiles {

  private static final Path SOURCES = Path.of("src/test/trials").toAbsolutePath();
  private static final String SERVICE = "META-INF/services/org.pgwalrus.jobs.JobKind";
  private static final Path CLASSES = compile();

  private TrialFiles() {}

  /** The installed jar, and the kind of jobs behind it. */
  static String classPath() {
    return Installation.get().jar() + ":" + CLASSES;
  }

  private static Path compile() {
    try {
      Path classes = ServerFiles.temporaryDirectory().resolve("trials");
      ServerFiles.compile(SOURCES, classes);
      Files.createDirectories(classes.resolve(SERVICE).getParent());
      Files.copy(SOURCES.resolve(SERVICE), classes.resolve(SERVICE));
      return classes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
