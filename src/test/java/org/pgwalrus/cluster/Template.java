package org.pgwalrus.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One freshly made data directory, copied for each cluster: initdb is slow. */
final class Template {

  private static final Path DATA = initialise();

  private Template() {}

  static void copyTo(Path data) {
    Installation installation = Installation.get();
    List<String> copy = new java.util.ArrayList<>(installation.asUser());
    copy.addAll(List.of("cp", "-a", DATA.toString(), data.toString()));
    Programs.run(copy);
  }

  /** A new directory that the server's user owns. */
  static Path temporaryDirectory() {
    try {
      Path directory = Files.createTempDirectory("pgwalrus");
      Installation.get().give(directory);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path directory) {
    Programs.run(List.of("rm", "-rf", directory.toString()));
  }

  private static Path initialise() {
    Path directory = temporaryDirectory();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
    Path data = directory.resolve("data");
    Programs.run(
        Installation.get()
            .command(
                "initdb",
                "-D",
                data.toString(),
                "-A",
                "trust",
                "-U",
                "postgres",
                "-N",
                "--locale=C.UTF-8",
                "--encoding=UTF8"));
    return data;
  }
}
