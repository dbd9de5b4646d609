package org.pgwalrus.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.Skip;

/** A JVM that is not there, is no JVM, or is too old. */
@Tag("long")
class LibjvmIT {

  private static final String NOT_STARTED = "pg_walrus: could not start JVM: ";
  private static final String USES_NEXT = "LOG:  pg_walrus: not using JAVA_HOME: ";
  private static final Path JAVA_17 = Path.of("/usr/lib/jvm/java-17-openjdk-amd64");

  @Test
  void aMissingLibraryIsAWarning() {
    assertWarning("/nowhere/libjvm.so", "could not read \"/nowhere/libjvm.so\": No such file");
  }

  @Test
  void whatEverybodyCouldReplaceIsNotUsed() throws IOException {
    Path directory = Files.createDirectory(FaultFiles.temporaryDirectory().resolve("open"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path library = Files.writeString(directory.resolve("libjvm.so"), "");
    assertWarning(
        library.toString(),
        "not using \"" + library + "\": everybody may write to \"" + directory + "\"");
  }

  /** The text in the shared state is cut at the end of a character. */
  @Test
  void aLongNameInManyBytesIsShownInWholeCharacters() throws SQLException {
    try (FaultCluster faults =
            FaultCluster.installed().set("walrus.libjvm", "/x" + "é".repeat(150)).start();
        Connection connection = faults.cluster().connect();
        Statement statement = connection.createStatement()) {
      faults.awaitLog("WARNING:  " + NOT_STARTED);

      statement.execute("SELECT upper(walrus.shmem_status() ->> 'engine')");
      faults.assertUntouched();
    }
  }

  @Test
  void anOldJdkIsAWarning() {
    Skip.unless(Files.isDirectory(JAVA_17), "no JDK 17 in " + JAVA_17);
    String libjvm = JAVA_17.resolve("lib/server/libjvm.so").toString();
    assertWarning(libjvm, "\"" + JAVA_17 + "\" is Java 17, not 25 or later");
  }

  @Test
  void aFileThatIsNoLibraryIsFatal() throws IOException {
    Path text = FaultFiles.temporaryDirectory().resolve("libjvm.so");
    Files.writeString(text, "not a library\n".repeat(1000));
    assertFatal(text, "could not load \"" + text + "\"", "invalid ELF header");
  }

  @Test
  void aLibraryThatIsNoJvmIsFatal() throws IOException {
    Path source = FaultFiles.temporaryDirectory().resolve("other.c");
    Files.writeString(source, "int nothing = 0;\n");
    Path library = FaultFiles.compileLibrary("other", source);
    assertFatal(
        library, "could not load \"" + library + "\"", "undefined symbol: JNI_CreateJavaVM");
  }

  @Test
  void anOldJvmWithoutAJdkAroundItIsFatal() throws IOException {
    Skip.unless(Files.isDirectory(JAVA_17), "no JDK 17 in " + JAVA_17);
    Path link = FaultFiles.temporaryDirectory().resolve("libjvm.so");
    Files.createSymbolicLink(link, JAVA_17.resolve("lib/server/libjvm.so"));
    assertFatal(link, "\"" + link + "\" answered with error -3", "libjvm of JDK 25 or later");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nowhere", "not a path", "/usr/lib/jvm/java-17-openjdk-amd64"})
  void aJavaHomeThatWillNotDoIsPassedOver(String home) {
    try (FaultCluster faults = FaultCluster.installed().environment("JAVA_HOME", home)) {
      faults.startReady();

      assertThat(faults.cluster().log())
          .containsPattern(USES_NEXT + "(could not read )?\"" + home)
          .doesNotContain(NOT_STARTED);
      assertThat(faults.cluster().state("engine")).isEqualTo("ready");
      faults.assertUntouched();
    }
  }

  private static void assertWarning(String libjvm, String reason) {
    try (FaultCluster faults = FaultCluster.installed().set("walrus.libjvm", libjvm).start()) {
      faults.assertOnlyWarning(NOT_STARTED + reason, "walrus.libjvm");
    }
  }

  private static void assertFatal(Path libjvm, String reason, String more) {
    try (FaultCluster faults =
        FaultCluster.installed().set("walrus.libjvm", libjvm.toString()).start()) {
      faults.assertOnlyFatal(NOT_STARTED + reason, more, "walrus.libjvm");
    }
  }
}
