package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.jobs.TrialCluster.note;
import static org.pgwalrus.jobs.TrialCluster.script;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Processes;
import org.pgwalrus.cluster.TestCluster;

/** Job workers have libraries, whose native code is where it was installed; nobody else has. */
class LibrariesIT {

  private static final Path JAR = Installation.get().jar();
  private static final Path LIB = JAR.resolveSibling("lib");
  private static final List<String> NATIVE = List.of("liblz4-java", "libzstd-jni");

  @Test
  void aJobWorkerHasEachCodecAndUnpacksNothing() throws IOException {
    try (TrialCluster trials =
        new TrialCluster().set("steep_repl.jvm_options", "-Dshow=options").start()) {
      List<Path> before = unpacked(trials.cluster());
      long job =
          trials.queue(
              "anna",
              script(
                  "compress none",
                  "compress gzip",
                  "compress lz4",
                  "compress zstd",
                  note("compressed"),
                  "busy 600"));
      trials.awaitEffect(job, "compressed");

      String maps = maps(trials.worker(job));
      assertThat(maps).contains(LIB + "/liblz4-java", LIB + "/libzstd-jni-");
      assertThat(unpacked(trials.cluster())).isEqualTo(before);
      assertThat(trials.cluster().log())
          .contains("-Djava.library.path=" + LIB + " ", ":" + LIB + "/zstd-jni-")
          .doesNotContain("pg_walrus: JVM: ", "starting the JVM without a cache: could");
      assertThat(trials.cancel("anna", job)).isTrue();
      trials.await(job, "cancelled");
    }
  }

  @Test
  void aCodecIsReadAtItsFirstUse() throws IOException {
    try (TrialCluster trials = new TrialCluster().start()) {
      long job = trials.queue("anna", script("compress gzip", note("compressed"), "busy 600"));
      trials.awaitEffect(job, "compressed");
      assertThat(maps(trials.worker(job))).doesNotContain(NATIVE);
      assertThat(trials.cancel("anna", job)).isTrue();
      trials.await(job, "cancelled");
    }
  }

  @Test
  void theSizingWorkerHasNoLibrary() throws IOException {
    try (TestCluster cluster =
        TestCluster.create().set("walrus.jvm_options", "-Dshow=options").start()) {
      cluster.execute("CREATE EXTENSION pg_walrus");
      cluster.awaitBaseline();
      assertThat(cluster.log())
          .contains("-Djava.class.path=" + JAR + " ")
          .doesNotContain(LIB.toString());
      assertThat(maps(cluster.workerPid())).doesNotContain(LIB.toString());
    }
  }

  private static String maps(long pid) throws IOException {
    assertThat(Processes.isAlive(pid)).isTrue();
    return Files.readString(Path.of("/proc/" + pid + "/maps"));
  }

  /** Native code of codecs in the places where libraries unpack it, or a server could. */
  private static List<Path> unpacked(TestCluster cluster) throws IOException {
    try (Stream<Path> temporary = Files.list(Path.of(System.getProperty("java.io.tmpdir")));
        Stream<Path> data = Files.walk(cluster.data());
        Stream<Path> libraries = Files.list(LIB)) {
      return Stream.of(temporary, data, libraries)
          .flatMap(files -> files)
          .filter(file -> NATIVE.stream().anyMatch(file.getFileName().toString()::startsWith))
          .sorted()
          .toList();
    }
  }
}
