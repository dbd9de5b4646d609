package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;

/** One jar serves servers whose structs differ: the C compiler knows them, and tells Java. */
@Tag("long")
class LayoutIT {

  private static final int CHECKPOINTS = 7;

  @Test
  void aStructOfAnotherShapeIsReadByTheSameJar() throws IOException {
    assumeFalse(BuildInfo.READER.equals("jextract"), "jextract's bindings know one shape only");
    Path directory = FaultFiles.temporaryDirectory();
    buildLibrary(directory.resolve("pg_walrus.so"));

    try (TestCluster cluster = TestCluster.create()) {
      cluster
          .set("dynamic_library_path", directory.toString())
          .set("walrus.classpath", Installation.get().jar().toString())
          .start();
      for (int i = 0; i < CHECKPOINTS; i++) {
        cluster.execute("CHECKPOINT");
      }
      cluster.restart();
      cluster.awaitLog("pg_walrus worker started", 2, TestCluster.SOON);

      assertThat(Memory.maps(cluster.workerPid(), directory.toString())).isTrue();
      cluster.awaitLog(
          "established baseline checkpoint count: " + requested(cluster), TestCluster.SOON);
      assertThat(Integer.parseInt(requested(cluster))).isGreaterThanOrEqualTo(CHECKPOINTS);
    }
  }

  private static String requested(TestCluster cluster) {
    return String.valueOf(
        cluster.value(
            Installation.get().major() >= 17
                ? "SELECT num_requested FROM pg_stat_checkpointer"
                : "SELECT checkpoints_req FROM pg_stat_bgwriter"));
  }

  /** The library of this build, compiled against headers with the changed struct. */
  private static void buildLibrary(Path library) throws IOException {
    Path root = Path.of("").toAbsolutePath();
    Path jdk = Path.of(System.getProperty("java.home"));
    List<String> command =
        new ArrayList<>(
            List.of(
                "gcc",
                "-shared",
                "-fPIC",
                "-std=gnu11",
                "-include",
                root.resolve("src/test/faults/changed_struct.h").toString(),
                "-I" + Installation.get().ask("--includedir-server"),
                "-I" + root.resolve("native"),
                "-I" + root.resolve("target/native"),
                "-I" + jdk.resolve("include"),
                "-I" + jdk.resolve("include/linux"),
                "-DWALRUS_JAVA_HOME=\"" + jdk + "\"",
                "-o",
                library.toString(),
                root.resolve("target/native/walrus_shim.c").toString()));
    try (Stream<Path> sources = Files.list(root.resolve("native"))) {
      sources.map(Path::toString).filter(file -> file.endsWith(".c")).forEach(command::add);
    }
    Programs.run(command);
  }
}
