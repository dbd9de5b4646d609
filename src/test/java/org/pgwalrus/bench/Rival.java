package org.pgwalrus.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;

/**
 * What the benchmark compiles for itself, in a directory that is deleted in the end: the worker in
 * C, and the Main that runs many cycles. Nothing is installed.
 */
final class Rival implements AutoCloseable {

  private static final Path SOURCES = Path.of("src", "test", "bench").toAbsolutePath();

  private final Path directory;

  /** Compiles both. */
  Rival() {
    try {
      directory = Files.createTempDirectory("pgwalrus-bench");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    compileWorker();
    compileMain();
    Installation.get().give(directory);
  }

  /** The worker in C, for {@code shared_preload_libraries}. */
  String library() {
    return directory.resolve("bare_worker").resolve("bare_worker").toString();
  }

  /** A class path on which the Main that measures comes before the installed jar. */
  String classpath() {
    return directory.resolve("classes") + ":" + Installation.get().jar();
  }

  private void compileWorker() {
    Programs.run(List.of("cp", "-R", SOURCES.resolve("bare_worker").toString(), directory + "/"));
    Programs.run(
        List.of(
            "make",
            "-C",
            directory.resolve("bare_worker").toString(),
            "PG_CONFIG=" + Path.of(Installation.get().ask("--bindir"), "pg_config"),
            "NATIVE=" + Path.of("native").toAbsolutePath()));
  }

  private void compileMain() {
    Path package_ = SOURCES.resolve("cycle").resolve("org").resolve("pgwalrus").resolve("worker");
    Programs.run(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "javac").toString(),
            "-cp",
            Installation.get().jar().toString(),
            "-d",
            directory.resolve("classes").toString(),
            package_.resolve("Main.java").toString(),
            package_.resolve("HastyServer.java").toString()));
  }

  @Override
  public void close() {
    Programs.run(List.of("rm", "-rf", directory.toString()));
  }
}
