package org.pgwalrus.jvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.ServerFiles;

/** The sources of src/test/faults, compiled once where the server can read them. */
final class FaultFiles {

  private static final Path SOURCES = Path.of("src/test/faults").toAbsolutePath();
  private static final Path DIRECTORY = temporaryDirectory();
  private static final Path CLASSES = compileFaults();
  private static final Path LIBRARY = compileLibrary("faults", SOURCES.resolve("faults.c"));

  private FaultFiles() {}

  /** A class path with the faulty Main before the installed jar. */
  static String classPath() {
    return CLASSES + ":" + Installation.get().jar();
  }

  /** The library with faulty SQL functions. */
  static Path library() {
    return LIBRARY;
  }

  /** A new directory that the server can read, deleted at the end of all tests. */
  static Path temporaryDirectory() {
    return ServerFiles.temporaryDirectory();
  }

  /** A library made of one C file. */
  static Path compileLibrary(String name, Path source) {
    Path library = DIRECTORY.resolve(name + ".so");
    Programs.run(
        List.of(
            "gcc",
            "-shared",
            "-fPIC",
            "-I" + Installation.get().ask("--includedir-server"),
            "-o",
            library.toString(),
            source.toString()));
    return library;
  }

  private static Path compileFaults() {
    try {
      Path classes = compileClasses("faults", SOURCES);
      Files.delete(classes.resolve("org/pgwalrus/worker/Absent.class"));
      return classes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The classes of all sources in a directory, compiled against the installed jar. */
  static Path compileClasses(String name, Path directory) {
    Path classes = DIRECTORY.resolve(name + "-classes");
    ServerFiles.compile(directory, classes);
    return classes;
  }
}
