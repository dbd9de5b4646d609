package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** The AOT cache makes the start faster, and its absence or damage nothing worse than slow. */
class CacheIT {

  private static final String WITHOUT = "LOG:  pg_walrus: starting the JVM without a cache: ";

  private static final String WAITING_JOB =
      "SELECT pid FROM pg_stat_activity"
          + " WHERE backend_type = 'steep_repl job' AND wait_event_type = 'Lock'";

  /** The restart interval with {@code checkpoint_timeout} = 30 s, and time to notice. */
  private static final Duration RESTART = Duration.ofSeconds(40);

  private final Path directory = FaultFiles.temporaryDirectory();
  private final Path jar;
  private final Path cache;
  private final Path cacheOfJobs;

  CacheIT() throws IOException {
    jar = copy(Installation.get().jar());
    cache = copy(installed("pg_walrus-[0-9a-f]+\\.aot"));
    cacheOfJobs = copy(installed("pg_walrus-[0-9a-f]+-jobs\\.aot"));
    Path libraries = Installation.get().jar().resolveSibling("lib");
    Programs.run(List.of("cp", "-a", libraries.toString(), directory.toString()));
  }

  private static Path installed(String name) throws IOException {
    try (Stream<Path> files = Files.list(Installation.get().jar().getParent())) {
      return files
          .filter(file -> file.getFileName().toString().matches(name))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void theCacheIsUsed() {
    try (FaultCluster faults = withCopies().startReady()) {
      assertThat(faults.cluster().log()).doesNotContain(WITHOUT, "pg_walrus: JVM: ");
      assertThat(Memory.maps(faults.cluster().workerPid(), cache.toString())).isTrue();
    }
  }

  /** What is behind the jar on the class path comes behind its libraries, and does not matter. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void jobsUseACacheOfTheirOwn(boolean more) throws SQLException, IOException {
    String classPath = more ? jar + ":" + classes() : jar.toString();
    try (FaultCluster faults =
            FaultCluster.installed().set("walrus.classpath", classPath).startReady();
        Connection holder = faults.cluster().connect();
        Statement statement = holder.createStatement()) {
      faults.cluster().execute("CREATE EXTENSION steep_repl");
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE steep_repl.schema_fingerprints");
      faults.cluster().execute("SELECT steep_repl.start_capture('here')");
      Wait.until(
          () -> "no job that waits for the lock\n" + faults.cluster().log(),
          TestCluster.SOON,
          () -> faults.cluster().value(WAITING_JOB) != null);
      long worker = Long.parseLong(String.valueOf(faults.cluster().value(WAITING_JOB)));
      assertThat(Memory.maps(worker, cacheOfJobs.toString())).isTrue();
      assertThat(faults.cluster().log()).doesNotContain(WITHOUT, "pg_walrus: JVM: ");
    }
  }

  @Test
  void aMissingCacheIsLeftOut() throws IOException {
    Files.delete(cache);
    assertWorksWithout("could not read \"" + cache + "\": No such file");
  }

  @Test
  void theCacheOfAnotherJarIsLeftOut() throws IOException {
    try (OutputStream out = Files.newOutputStream(jar, StandardOpenOption.APPEND)) {
      out.write(0);
    }
    assertWorksWithout("could not read \"" + directory + "/pg_walrus-");
  }

  @Test
  void aTruncatedCacheIsLeftOutByTheJvm() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(cache.toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
    try (FaultCluster faults = withCopies().startReady()) {
      assertThat(faults.cluster().log()).contains("pg_walrus: JVM: ");
      faults.awaitGoodCycle();
      faults.assertUntouched();
    }
  }

  @Test
  void aCacheWithADamagedHeaderIsLeftOutByTheJvm() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(cache.toFile(), "rw")) {
      file.write(new byte[64]);
    }
    try (FaultCluster faults = withCopies().startReady()) {
      assertThat(faults.cluster().log()).contains("pg_walrus: JVM: ");
      faults.awaitGoodCycle();
      faults.assertUntouched();
    }
  }

  /** The JVM crashes; the hook turns that into an orderly end while the JVM is being made. */
  @Test
  void aDamagedCacheEndsTheWorkerOnceAndIsThenLeftOut() throws IOException {
    Random random = new Random(1);
    try (RandomAccessFile file = new RandomAccessFile(cache.toFile(), "rw")) {
      byte[] noise = new byte[4096];
      for (long position = 65_536; position + 4096 < file.length(); position += 8192) {
        random.nextBytes(noise);
        file.seek(position);
        file.write(noise);
      }
    }
    try (FaultCluster faults = withCopies().start()) {
      faults.assertOnlyFatal("FATAL:  pg_walrus: the JVM could not start", cache.toString());

      faults.cluster().awaitLog("leaving out the cache", RESTART);
      faults.cluster().awaitBaseline();
      faults.assertUntouched();
    }
  }

  private void assertWorksWithout(String reason) {
    try (FaultCluster faults = withCopies().startReady()) {
      assertThat(faults.cluster().logCount(WITHOUT)).isEqualTo(1);
      assertThat(faults.cluster().log()).contains(WITHOUT + reason);
      faults.awaitGoodCycle();
      faults.assertUntouched();
    }
  }

  private FaultCluster withCopies() {
    return FaultCluster.installed().set("walrus.classpath", jar.toString());
  }

  private Path classes() throws IOException {
    Path classes = Files.createDirectory(directory.resolve("classes"));
    Files.createFile(classes.resolve("Some.class"));
    return classes;
  }

  /** With its times: the JVM compares them. */
  private Path copy(Path file) throws IOException {
    return Files.copy(
        file, directory.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
  }
}
