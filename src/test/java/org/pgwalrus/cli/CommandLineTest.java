package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** What is decided before a server is asked. */
class CommandLineTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return SteepRepl.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private static List<CommandLine> all(CommandLine command) {
    List<CommandLine> commands = new ArrayList<>(List.of(command));
    command.getSubcommands().values().forEach(one -> commands.addAll(all(one)));
    return commands;
  }

  @Test
  void everyCommandHasHelpAndTellsItsExitCodes() {
    for (CommandLine one : all(SteepRepl.commandLine())) {
      List<String> names =
          List.of(
              one.getCommandSpec()
                  .qualifiedName()
                  .replace("steep-repl", "")
                  .strip()
                  .split(" ", -1));
      List<String> arguments = new ArrayList<>(names.getFirst().isEmpty() ? List.of() : names);
      arguments.add("--help");
      assertThat(run(arguments.toArray(String[]::new))).as(arguments.toString()).isZero();
      assertThat(one.getCommandSpec().usageMessage().description()).isNotEmpty();
    }
    assertThat(out.toString())
        .contains("Usage: steep-repl snapshot generate")
        .contains("Exit codes:");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void theVersionIsThatOfTheExtension() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString().strip()).matches("steep-repl \\d+\\.\\d+\\.\\d+");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "snapshot",
        "snapshots",
        "snapshot generate",
        "snapshot generate -o /x --parallel many",
        "snapshot generate -o /x --timeout soon",
        "snapshot list --format xml",
        "snapshot show",
        "snapshot list --no-such-option",
        "snapshot list -c nothing=1",
        "snapshot list --direct --remote h:1"
      })
  void wrongArgumentsEndWithTwo(String line) {
    assertThat(run(line.isEmpty() ? new String[0] : line.split(" ", -1)))
        .isEqualTo(ExitCode.INVALID_ARGUMENTS);
    assertThat(err.toString()).startsWith("error: ");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void thereIsNoDaemonMode() {
    assertThat(run("snapshot", "list", "--remote", "h:1")).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(err.toString()).contains("no daemon mode").contains("hint: ");
  }

  @ParameterizedTest
  @CsvSource({
    "--json --remote h:1 snapshot list",
    "snapshot --json --remote h:1 list",
    "snapshot list --json --remote h:1",
    "--remote nowhere:1 --format table snapshot --remote h:1 list --format json"
  })
  void optionsOfTheProgramStandAnywhereAndTheLastOneCounts(String line) {
    CommandLine program = SteepRepl.commandLine();

    program.parseArgs(line.split(" ", -1));

    SteepRepl options = SteepRepl.of(program.getCommandSpec());
    assertThat(options.output.isJson()).isTrue();
    assertThat(options.connection.remote).isEqualTo("h:1");
  }

  @Test
  void onlyCommandsThatUseTheOptionsOfTheProgramListThem() {
    run("--help");
    assertThat(out.toString()).contains("--connection").contains("behind the command");
    for (String group : List.of("snapshot", "ops")) {
      assertThat(help(group)).doesNotContain("-c,").contains("The options of steep-repl itself");
    }
    for (String command : List.of("snapshot list", "ops cancel", "health")) {
      assertThat(help(command)).contains("-c, --connection").contains("--no-color");
    }
    assertThat(help("generate-completion")).doesNotContain("--connection");
  }

  private String help(String command) {
    out.getBuffer().setLength(0);
    assertThat(run((command + " --help").split(" ", -1))).isZero();
    return out.toString();
  }

  @Test
  void quietLeavesErrorsAlone() {
    for (String quiet : List.of("", "--quiet ")) {
      StringWriter text = new StringWriter();
      CommandLine program = SteepRepl.commandLine().setErr(new PrintWriter(text, true));
      program.parseArgs((quiet + "health").split(" ", -1));
      Console console = new Console(program);
      console.note("a note");
      console.warning("of something");
      console.error("an error", null);
      assertThat(text.toString().lines().toList())
          .isEqualTo(
              quiet.isEmpty()
                  ? List.of("a note", "warning: of something", "error: an error")
                  : List.of("error: an error"));
    }
  }

  @Test
  void passwordsAreNotRepeated() {
    run("snapshot", "list", "-c", "host=h", "password=s3cret", "postgresql://u:s3cret@h/d");
    assertThat(err.toString()).contains("password=...").doesNotContain("s3cret");
    assertThat(Secrets.hide("postgresql://u:p@h x password = 'a b\\' c' y"))
        .isEqualTo("postgresql://u:...@h x password = ... y");
  }

  @Test
  void hiddenArgumentsComeBack() {
    assertThat(
            HiddenArguments.restore(
                new String[] {"-c", "STEEP_REPL_ARGUMENT_1", "STEEP_REPL_ARGUMENT_2"},
                Map.of("STEEP_REPL_ARGUMENT_1", "password=x")))
        .containsExactly("-c", "password=x", "STEEP_REPL_ARGUMENT_2");
  }

  @ParameterizedTest
  @CsvSource({"90,90", "90s,90", "10m,600", "24h,86400", "1d,86400", "1h30m,5400", "0,0"})
  void durationsAreWhatPeopleWrite(String text, long seconds) {
    assertThat(new Durations().convert(text)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1w", "h", "1.5h", "12345678901"})
  void otherDurationsAreRefused(String text) {
    assertThatThrownBy(() -> new Durations().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }

  @Test
  void onlyWhatIsGivenIsPassedOn() {
    FunctionCall call =
        new FunctionCall("start_snapshot")
            .with("p_output_path", "text", "/x")
            .with("p_compression", "text", null)
            .with("p_include_schemas", "text[]", List.of())
            .with("p_include_tables", "text[]", List.of("a.b"));
    assertThat(call.sql())
        .isEqualTo(
            "steep_repl.start_snapshot(p_output_path => ?::text, p_include_tables => ?::text[])");
  }

  @Test
  void serversThatCannotDoItAreToldApart() {
    Requirement job = Requirement.ofJob("start_snapshot");
    Set<String> functions = Set.of("start_snapshot");
    assertThat(new ServerFacts(150_000, "0.2.0", functions, true).problem(job, "d")).isEmpty();
    assertThat(problem(new ServerFacts(140_010, null, functions, true), job))
        .contains("PostgreSQL 14");
    assertThat(problem(new ServerFacts(150_000, null, functions, true), job))
        .contains("not installed");
    assertThat(problem(new ServerFacts(150_000, "0.1", Set.of(), true), job))
        .contains("start_snapshot");
    assertThat(problem(new ServerFacts(150_000, "0.2.0", functions, false), job))
        .contains("worker");
    ServerFacts idle = new ServerFacts(150_000, "0.2.0", Set.of("verify_snapshot"), false);
    assertThat(problem(idle, Requirement.ofLibrary("verify_snapshot"))).contains("preloaded");
    assertThat(idle.problem(Requirement.of("verify_snapshot"), "d")).isEmpty();
  }

  private static String problem(ServerFacts facts, Requirement requirement) {
    return facts.problem(requirement, "d").orElseThrow().what();
  }

  @ParameterizedTest
  @CsvSource({
    "08006,6", "57P03,6", "22023,2", "58P02,2", "42883,7", "SR003,8", "55000,1", "42501,1",
    "42704,1", "58P01,2", "57014,4", "SR001,5"
  })
  void errorsOfTheServerHaveExitCodes(String state, int code) {
    assertThat(new ServerError(new SQLException("x", state)).exitCode()).isEqualTo(code);
  }

  @Test
  void aMissingLibraryIsNoMatterOfArguments() {
    ServerErrorMessage said =
        new ServerErrorMessage("SERROR\0C58P01\0Mcould not access file\0Rinternal_load_library\0");
    assertThat(new ServerError(new PSQLException(said)).exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
  }

  @Test
  void tablesAreAligned() {
    assertThat(TextTable.lines(List.of("A", "LONG"), List.of(List.of("\u6f22\u5b57", "x\u001b"))))
        .containsExactly("A     LONG", "\u6f22\u5b57  x?");
  }

  @Test
  void theWidthComesFromTheTerminalOrTheVariable() {
    assertThat(Terminal.parse("24 132", null)).isEqualTo(132);
    assertThat(Terminal.parse("0 0", "100")).isEqualTo(100);
    assertThat(Terminal.parse("", null)).isEqualTo(80);
    assertThat(Terminal.parse("5 3", "x")).isEqualTo(10);
  }
}
