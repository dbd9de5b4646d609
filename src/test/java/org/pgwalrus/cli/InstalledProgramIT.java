package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;

/** What make install puts beside the server's programs. */
class InstalledProgramIT {

  @TempDir Path directory;

  /** What makes a start quick: with this option Java does not start without the cache. */
  @Test
  void itStartsFromItsCache() throws IOException {
    Path jars = Installation.get().libraryDirectory().resolve("pg_walrus");
    String wanted = "-XX:AOTMode=on";
    Path launcher = copyOfLauncher("-Xlog:disable", wanted);
    assertThat(Programs.run(List.of(launcher.toString(), "--version")))
        .matches("steep-repl [0-9.]+\n");

    Path another = Files.copy(jars.resolve("steep-repl.jar"), directory.resolve("steep-repl.jar"));
    Files.setLastModifiedTime(another, FileTime.from(Instant.EPOCH));
    Path misled = copyOfLauncher("-cp \"$directory", wanted + " -cp \"" + directory);
    assertThatThrownBy(() -> Programs.run(List.of(misled.toString(), "--version")))
        .hasMessageContaining("AOT");
  }

  private Path copyOfLauncher(String text, String replacement) throws IOException {
    Path copy = directory.resolve("steep-repl");
    String launcher = Files.readString(Program.launcher());
    assertThat(launcher).contains(text);
    Files.writeString(copy, launcher.replace(text, replacement));
    assertThat(copy.toFile().setExecutable(true)).isTrue();
    return copy;
  }

  @Test
  void theJavaOfTheUserComesFirstAndItsAbsenceLast() throws IOException {
    Path fake = Files.createDirectories(directory.resolve("bin")).resolve("java");
    Files.writeString(fake, "#!/bin/sh\necho fake \"$STEEP_REPL_ARGUMENT_1\"\n");
    assertThat(fake.toFile().setExecutable(true)).isTrue();
    Path release = directory.resolve("release");
    Map<String, String> environment = Map.of("STEEP_REPL_JAVA_HOME", directory.toString());

    Files.writeString(release, "JAVA_VERSION=\"25.0.1\"\n");
    assertThat(Program.run(environment, "-c", "password=x y").out())
        .isEqualTo("fake password=x y\n");
    Files.writeString(release, "JAVA_VERSION=\"24\"\n");
    assertThat(Program.run(environment, "--version").out()).startsWith("steep-repl ");
  }

  /** Another Java than that of the installation, or no cache, costs time and nothing else. */
  @Test
  void itRunsWithoutItsCacheToo() throws IOException {
    Path jars = Installation.get().libraryDirectory().resolve("pg_walrus");
    assertThat(jars.resolve("steep-repl.aot")).exists();
    Files.copy(jars.resolve("steep-repl.jar"), directory.resolve("steep-repl.jar"));
    Path copy = copyOfLauncher(jars.toString(), directory.toString());
    assertThat(Programs.run(List.of(copy.toString(), "--version"))).matches("steep-repl [0-9.]+\n");
  }

  @Test
  void everyCommandHasAManualPageAndBashCompletesThem() throws IOException {
    Path manuals = Path.of(Installation.get().ask("--mandir"), "man1");
    try (Stream<Path> pages = Files.list(manuals)) {
      assertThat(pages.map(page -> page.getFileName().toString()))
          .contains("steep-repl.1", "steep-repl-snapshot.1", "steep-repl-snapshot-generate.1");
    }
    assertThat(Files.readString(manuals.resolve("steep-repl-snapshot-generate.1")))
        .contains(".SH \"EXIT STATUS\"")
        .contains("\\-\\-compression");
    String share = Installation.get().ask("--sharedir").replaceFirst("/postgresql(/.*)?$", "");
    Path completion = Path.of(share, "bash-completion/completions/steep-repl");
    assertThat(Programs.run(List.of("bash", "-c", ". " + completion + " && complete -p")))
        .contains(" steep-repl");
  }

  /** Neither the files nor the environment of whoever installs are of any interest. */
  @Test
  void aConfigurationOfTheUserDoesNotPreventItsInstallation() throws IOException {
    Path wrong = directory.resolve(".config/steep/config.yaml");
    Files.createDirectories(wrong.getParent());
    Files.writeString(wrong, "connections: nothing");
    Path jar = Installation.get().libraryDirectory().resolve("pg_walrus/steep-repl.jar");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Programs.run(
        List.of(java, "-cp", jar.toString(), "org.pgwalrus.cli.Rehearsal"),
        Map.of("HOME", directory.toString(), "STEEP_REPL_CONFIG", wrong.toString()));

    String script = "cd '" + Path.of("").toAbsolutePath() + "' && src/tools/install-cli.sh install";
    Programs.run(
        List.of("bash", "-c", script + " /jars /bin /man /completions /etc"),
        Map.of(
            "DESTDIR", directory.resolve("installed").toString(),
            "JAVA_HOME", System.getProperty("java.home"),
            "HOME", directory.toString(),
            "PGSSLCRL", "/etc/crl",
            "PGSERVICE", "nowhere",
            "STEEP_REPL_CONFIG", wrong.toString(),
            "STEEP_REPL_PARALLEL", "many"));
    assertThat(directory.resolve("installed/jars/steep-repl.aot")).exists();
  }

  @Test
  void theLicencesOfItsLibrariesAreInItsJar() throws IOException {
    Path jar = Installation.get().libraryDirectory().resolve("pg_walrus/steep-repl.jar");
    try (FileSystem files = FileSystems.newFileSystem(jar)) {
      for (String library :
          List.of("org.postgresql", "com.fasterxml.jackson", "org.snakeyaml", "info.picocli")) {
        assertThat(files.getPath("META-INF/licenses", library, "META-INF/LICENSE")).exists();
      }
      assertThat(
              Files.readString(files.getPath("META-INF/licenses/org.snakeyaml/META-INF/LICENSE")))
          .contains("Apache License");
    }
  }

  @Test
  void theServersJarHasNothingOfIt() {
    assertThat(
            Programs.run(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "jar").toString(),
                    "tf",
                    Installation.get().jar().toString())))
        .doesNotContain("/cli/")
        .doesNotContain("picocli")
        .doesNotContain("postgresql/");
  }
}
