package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;

/** What make install puts beside the server's programs. */
class InstalledProgramIT {

  private static final double START_SECONDS = 0.5;

  @TempDir Path directory;

  /** Counted in time of the processor, as other tests may have it meanwhile. */
  @Test
  void itStartsInLessThanHalfASecond() {
    String script = "TIMEFORMAT='%U %S'; time " + Program.launcher() + " --version >&2";
    double fastest =
        IntStream.range(0, 5)
            .mapToObj(_ -> Programs.run(List.of("bash", "-c", script)).lines().toList().getLast())
            .mapToDouble(
                times -> Stream.of(times.split(" ", -1)).mapToDouble(Double::parseDouble).sum())
            .min()
            .orElseThrow();
    System.out.println("steep-repl --version takes " + fastest + " s of processor time at best");
    assertThat(fastest).isLessThan(START_SECONDS);
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
    String launcher = Files.readString(Program.launcher());
    Files.copy(jars.resolve("steep-repl.jar"), directory.resolve("steep-repl.jar"));
    Path copy = directory.resolve("steep-repl");
    Files.writeString(copy, launcher.replace(jars.toString(), directory.toString()));
    assertThat(copy.toFile().setExecutable(true)).isTrue();
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
