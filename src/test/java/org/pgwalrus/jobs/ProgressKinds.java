package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;

/** The kinds of jobs in src/test/progress, compiled once where the server can read them. */
final class ProgressKinds {

  private static final Path SOURCES = Path.of("src/test/progress").toAbsolutePath();
  private static final String SERVICES = "META-INF/services/" + JobKind.class.getName();
  private static final Path CLASSES = compile();

  private ProgressKinds() {}

  /** A cluster that has them behind the kinds of the installed jar, not started. */
  static TestCluster cluster() {
    return TestCluster.create()
        .set("walrus.classpath", Installation.get().jar() + ":" + CLASSES)
        .set("walrus.enable", "off");
  }

  private static Path compile() {
    try {
      Path classes = Files.createTempDirectory("walrusprogress");
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> Programs.run(List.of("rm", "-rf", classes.toString()))));
      Files.createDirectories(classes.resolve(SERVICES).getParent());
      Files.copy(SOURCES.resolve(SERVICES), classes.resolve(SERVICES));
      assertThat(
              ToolProvider.getSystemJavaCompiler()
                  .run(null, null, null, arguments(classes).toArray(String[]::new)))
          .as("exit code of javac")
          .isZero();
      Installation.get().give(classes);
      return classes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> arguments(Path classes) throws IOException {
    String jar = Installation.get().jar().toString();
    try (Stream<Path> sources = Files.walk(SOURCES)) {
      return Stream.concat(
              Stream.of("-proc:none", "-nowarn", "-cp", jar, "-d", classes.toString()),
              sources.map(Path::toString).filter(file -> file.endsWith(".java")))
          .toList();
    }
  }
}
