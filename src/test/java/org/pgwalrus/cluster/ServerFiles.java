package org.pgwalrus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Files that tests make for servers to read, deleted at the end of all tests. */
public final class ServerFiles {

  private ServerFiles() {}

  /** A new directory that the server can read. */
  public static Path temporaryDirectory() {
    try {
      Path directory = Files.createTempDirectory("walrusfault");
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> Programs.run(List.of("rm", "-rf", directory.toString()))));
      Installation.get().give(directory);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Compiles all sources in a directory against the installed jar. */
  public static void compile(Path sources, Path classes) {
    try (Stream<Path> files = Files.walk(sources)) {
      List<String> arguments =
          Stream.concat(
                  Stream.of(
                      "-proc:none",
                      "-nowarn",
                      "-XDstringConcat=inline",
                      "-cp",
                      Installation.get().jar().toString(),
                      "-d",
                      classes.toString()),
                  files.map(Path::toString).filter(file -> file.endsWith(".java")))
              .toList();
      int status =
          ToolProvider.getSystemJavaCompiler()
              .run(null, null, null, arguments.toArray(String[]::new));
      assertThat(status).as("exit code of javac").isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
