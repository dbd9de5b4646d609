package org.pgwalrus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * Every example of docs/cli.md is a line that the program understands, and it knows all commands.
 */
class CliDocumentTest {

  private static final Path DOCUMENT = Path.of("docs/cli.md");
  private static final Pattern CONSOLE = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  static Stream<String> examples() throws IOException {
    return CONSOLE
        .matcher(Files.readString(DOCUMENT))
        .results()
        .flatMap(block -> block.group(1).lines());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void isUnderstood(String line) {
    List<String> words =
        WORD.matcher(line)
            .results()
            .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
            .toList();
    assertThat(words.getFirst()).isEqualTo("steep-repl");

    ParseResult parsed =
        SteepRepl.commandLine().parseArgs(words.stream().skip(1).toArray(String[]::new));

    assertThat(parsed.subcommand()).isNotNull();
  }

  @Test
  void theLongestLookForTheExtensionIsTold() throws IOException {
    long pauses =
        IntStream.range(1, Session.DETECTION.attempts())
            .mapToLong(failures -> Session.DETECTION.pauseAfter(failures).toSeconds())
            .sum();
    long connecting = (long) Session.DETECTION.attempts() * Session.DETECTION_SECONDS;

    assertThat(Files.readString(DOCUMENT).replaceAll("\\s+", " "))
        .contains(Session.DETECTION_SECONDS + " seconds for each host")
        .contains((connecting + pauses) + " seconds for one host")
        .contains((2 * connecting + pauses) + " for two");
  }

  @Test
  void allCommandsAndExitCodesAreThere() throws IOException {
    String text = Files.readString(DOCUMENT);
    CommandLine program = SteepRepl.commandLine();
    program
        .getSubcommands()
        .forEach((name, group) ->
            group
                .getSubcommands()
                .values()
                .forEach(
                    one -> assertThat(text).contains("`" + name + " " + one.getCommandName())));
    program
        .getCommandSpec()
        .usageMessage()
        .exitCodeList()
        .keySet()
        .forEach(code -> assertThat(text).contains("| " + code + " |"));
  }
}
