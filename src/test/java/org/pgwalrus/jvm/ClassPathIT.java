package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Installation;

/** A jar that is not there, is no jar, or is not ours. */
class ClassPathIT {

  private static final String NOT_STARTED = "pg_walrus: could not start JVM: ";
  private static final String NO_ENGINE = "pg_walrus: could not start the decision engine: ";
  private static final String NO_CLASS = "NoClassDefFoundError: org/pgwalrus/worker/Main";
  private static final String SYMBOL_TABLE = "org/pgwalrus/backend/SymbolTable.class";

  private final Path directory = FaultFiles.temporaryDirectory();

  @Test
  void aMissingJarIsAWarning() {
    try (FaultCluster faults = with("/nowhere/pg_walrus.jar")) {
      faults.assertOnlyWarning(
          NOT_STARTED + "could not read \"/nowhere/pg_walrus.jar\": No such file",
          "walrus.classpath");
    }
  }

  @Test
  void aReloadTriesAgain() throws IOException {
    Path jar = directory.resolve("pg_walrus.jar");
    try (FaultCluster faults = with(jar.toString())) {
      faults.awaitLog("WARNING:  " + NOT_STARTED);
      long pid = faults.cluster().workerPid();

      Files.copy(Installation.get().jar(), jar);
      faults.cluster().reload();

      faults.cluster().awaitBaseline();
      assertThat(faults.cluster().state("engine")).isEqualTo("ready");
      assertThat(faults.cluster().workerPid()).isEqualTo(pid);
    }
  }

  @Test
  void aJarThatTheServerMayNotReadIsAWarning() throws IOException {
    Path jar = Files.copy(Installation.get().jar(), directory.resolve("pg_walrus.jar"));
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("-w-------"));
    Installation.get().give(jar);
    try (FaultCluster faults = with(jar.toString())) {
      faults.assertOnlyWarning(
          NOT_STARTED + "could not read \"" + jar + "\": Permission denied", "walrus.classpath");
    }
  }

  @Test
  void aDamagedJarIsFatal() throws IOException {
    byte[] bytes = new byte[70_000];
    new Random(1).nextBytes(bytes);
    Path jar = Files.write(directory.resolve("pg_walrus.jar"), bytes);
    try (FaultCluster faults = with(jar.toString())) {
      faults.assertOnlyFatal(NO_ENGINE, NO_CLASS, "Class path: " + jar, "walrus.classpath");
    }
  }

  @Test
  void aClassPathWithoutTheClassIsFatal() {
    try (FaultCluster faults = with(directory.toString())) {
      faults.assertOnlyFatal(NO_ENGINE, NO_CLASS, "Class path: " + directory, "walrus.classpath");
    }
  }

  @Test
  void aJarOfAnotherBuildIsFatal() throws IOException {
    Path changed = directory.resolve(SYMBOL_TABLE);
    Files.createDirectories(changed.getParent());
    Files.write(changed, classOfAnotherBuild());
    try (FaultCluster faults = with(directory + ":" + Installation.get().jar())) {
      faults.assertOnlyFatal(
          NO_ENGINE,
          "IllegalStateException: library and jar are of different builds (",
          "make install",
          "walrus.classpath");
    }
  }

  /** The class that compares the build ids, with another id of the same length compiled in. */
  private static byte[] classOfAnotherBuild() throws IOException {
    try (JarFile jar = new JarFile(Installation.get().jar().toFile());
        InputStream in = jar.getInputStream(jar.getEntry(SYMBOL_TABLE))) {
      String bytes = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      String other = bytes.replaceAll("[0-9a-f]{64}", "0".repeat(64));
      assertThat(other).isNotEqualTo(bytes);
      return other.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  private static FaultCluster with(String classPath) {
    return FaultCluster.installed().set("walrus.classpath", classPath).start();
  }
}
