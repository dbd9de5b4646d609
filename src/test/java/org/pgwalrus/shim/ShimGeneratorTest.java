package org.pgwalrus.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.JvmOptions;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.Setting.About;
import org.pgwalrus.backend.Setting.Check;
import org.pgwalrus.backend.Setting.Context;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;

/** The C that is written from the declarations. */
class ShimGeneratorTest {

  private static final List<Setting> FEW =
      List.of(
          new Setting.Text(
              new About("walrus.path", Context.POSTMASTER, true, "A \"path\".", "Back\\slash."),
              "/tmp/\"x\"",
              Check.NONE),
          new Setting.Int(
              new About("walrus.size", Context.SIGHUP, false, "A size.", "In MB."),
              64,
              2,
              Integer.MAX_VALUE,
              Setting.Unit.MB),
          new Setting.Real(
              new About("walrus.part", Context.SIGHUP, false, "A part.", "Of one."),
              0.25,
              0,
              1,
              Check.HEADROOM),
          new Setting.Bool(new About("walrus.on", Context.SIGHUP, true, "A switch.", "On."), true),
          new Setting.Choice(
              new About("walrus.way", Context.SIGHUP, false, "A choice.", "Of two."),
              List.of("one", "other")));

  @TempDir private Path directory;

  @Test
  void aSettingBecomesAVariableWithItsDefault() {
    assertThat(new SettingsWriter(FEW).declarations())
        .isEqualTo(
            """
            extern char *walrus_path;
            extern int walrus_size;
            extern double walrus_part;
            extern bool walrus_on;
            extern int walrus_way;
            """);
    assertThat(new SettingsWriter(FEW).definitions())
        .isEqualTo(
            """
            char *walrus_path = NULL;
            int walrus_size = 64;
            double walrus_part = 0.25;
            bool walrus_on = true;
            int walrus_way = 0;

            static const struct config_enum_entry walrus_way_options[] = {
            \t{"one", 0, false},
            \t{"other", 1, false},
            \t{NULL, 0, false}
            };
            """);
  }

  @Test
  void aSettingIsRegisteredWithItsRangeContextAndFlags() {
    String indent = "\t".repeat(7);
    String registration = new SettingsWriter(FEW).registration().replace("\n" + indent, " ");
    assertThat(registration)
        .contains(
            "DefineCustomIntVariable(\"walrus.size\", \"A size.\", \"In MB.\", &walrus_size, 64, 2,"
                + " 2147483647, PGC_SIGHUP, GUC_UNIT_MB, NULL, NULL, NULL);")
        .contains(
            "DefineCustomRealVariable(\"walrus.part\", \"A part.\", \"Of one.\", &walrus_part, 0.25,"
                + " 0.0, 1.0, PGC_SIGHUP, 0, walrus_check_headroom, NULL, NULL);")
        .contains(
            "DefineCustomBoolVariable(\"walrus.on\", \"A switch.\", \"On.\", &walrus_on, true,"
                + " PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);")
        .contains("&walrus_way, 0, walrus_way_options, PGC_SIGHUP, 0, NULL, NULL, NULL);");
  }

  /** The server ends a session that defines a setting of the postmaster. */
  @Test
  void whatOnlyAStartingServerMayDefineStandsBehindTheQuestion() {
    String registration = new SettingsWriter(FEW).registration();
    String before =
        registration.substring(
            0, registration.indexOf("if (!process_shared_preload_libraries_in_progress)"));
    assertThat(before).doesNotContain("PGC_POSTMASTER").contains("walrus.way");
    assertThat(registration.indexOf("MarkGUCPrefixReserved(\"walrus\")"))
        .isGreaterThan(registration.indexOf("walrus.path"));
  }

  /** A hook takes a pointer to the value that it may change. */
  @Test
  void everyCheckHasThePrototypeOfItsHook() {
    assertThat(SettingsWriter.checks())
        .isEqualTo(
            """
            extern bool walrus_check_headroom(double *newval, void **extra, GucSource source);
            extern bool walrus_check_channel(char **newval, void **extra, GucSource source);
            extern bool walrus_check_json(char **newval, void **extra, GucSource source);
            extern bool walrus_check_time_zone(char **newval, void **extra, GucSource source);
            """);
  }

  @Test
  void aRequestIsKnownByItsNameAndByTheFunctionThatNotEverybodyMayCall() {
    assertThat(CallsWriter.requests())
        .isEqualTo(
            """
            const WalrusRequestKind walrus_requests[] = {
            \t{"recommendation", NULL},
            \t{"apply", "walrus.analyze(apply := true)"},
            \t{"simulate", NULL},
            \t{"release", "walrus.release()"},
            };

            const int walrus_request_count = lengthof(walrus_requests);
            """);
  }

  @Test
  void quotesAndBackslashesAreEscaped() {
    assertThat(CText.literal("a \"b\" \\ c")).isEqualTo("\"a \\\"b\\\" \\\\ c\"");
    assertThatThrownBy(() -> CText.literal("line\nbreak"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CText.literal("grün")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void headerAndSourceCarryBuildVersionAndOptions() {
    ShimGenerator generator = new ShimGenerator(Settings.ALL);
    assertThat(generator.header())
        .contains("#define WALRUS_BUILD_ID \"" + BuildInfo.BUILD_ID + "\"")
        .contains("#define WALRUS_VERSION \"" + BuildInfo.VERSION + "\"");
    assertThat(generator.source())
        .contains(JvmOptions.FIXED.stream().map(CText::literal).toList())
        .contains(JvmOptions.LAST.stream().map(CText::literal).toList());
  }

  @Test
  void filesThatWouldNotChangeAreLeftAlone() throws IOException {
    ShimGenerator.main(new String[] {directory.toString()});
    Path source = directory.resolve("walrus_shim.c");
    Path header = directory.resolve("walrus_shim.h");
    assertThat(Files.readAllLines(directory.resolve("jvm.options")))
        .startsWith(JvmOptions.FIXED.toArray(String[]::new))
        .endsWith(JvmOptions.LAST.toArray(String[]::new));
    FileTime old = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(source, old);
    Files.writeString(header, "something else");

    ShimGenerator.main(new String[] {directory.toString()});

    assertThat(Files.getLastModifiedTime(source)).isEqualTo(old);
    assertThat(header).hasContent(new ShimGenerator(Settings.ALL).header());
  }

  @Test
  void itWantsADirectory() {
    assertThatThrownBy(() -> ShimGenerator.main(new String[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("usage: ShimGenerator DIRECTORY");
  }

  @Test
  void whatIsWrittenCompilesAgainstTheServersHeaders() throws IOException {
    compile(Settings.ALL);
  }

  @Test
  void withMoreSettingsItStillCompiles() throws IOException {
    List<Setting> more = new ArrayList<>(Settings.ALL);
    more.addAll(FEW);
    compile(more);
  }

  @Test
  void aServerThatIsTooOldIsRefused() throws IOException {
    Files.writeString(directory.resolve("walrus_shim.h"), new ShimGenerator(Settings.ALL).header());
    Path source = directory.resolve("old.c");
    Files.writeString(
        source,
        """
        #include "postgres.h"
        #undef PG_VERSION_NUM
        #define PG_VERSION_NUM 140000
        #include "compat.h"
        """);
    assertThatThrownBy(() -> compile(source))
        .hasMessageContaining("pg_walrus needs PostgreSQL 15 or later");
  }

  private void compile(List<Setting> settings) throws IOException {
    ShimGenerator generator = new ShimGenerator(settings);
    Path source = directory.resolve("walrus_shim.c");
    Files.writeString(directory.resolve("walrus_shim.h"), generator.header());
    Files.writeString(source, generator.source());

    compile(source);

    assertThat(directory.resolve("walrus_shim.o")).isNotEmptyFile();
  }

  private void compile(Path source) {
    List<String> command = new ArrayList<>(List.of("cc", "-std=gnu11", "-Wall", "-Wextra"));
    command.addAll(List.of("-Werror", "-Wno-unused-parameter", "-fPIC", "-c"));
    command.addAll(List.of("-isystem", Installation.get().ask("--includedir-server")));
    command.add("-I" + Path.of("native").toAbsolutePath());
    command.add("-I" + directory);
    command.addAll(List.of("-o", directory.resolve("walrus_shim.o").toString()));
    command.add(source.toString());
    Programs.run(command);
  }
}
