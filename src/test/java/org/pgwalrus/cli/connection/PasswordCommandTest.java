package org.pgwalrus.cli.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

class PasswordCommandTest {

  private static String run(String... command) {
    return new PasswordCommand(List.of(command)).password().orElseThrow();
  }

  private static void assertFails(String message, String... command) {
    assertThatExceptionOfType(ConnectionFailure.class)
        .isThrownBy(() -> run(command))
        .withMessage("password_command \"" + command[0] + "\" " + message)
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONNECTION));
  }

  @Test
  void whatItPrintsIsThePassword() {
    assertThat(run("printf", "  p w\u00fc \\n\\n")).isEqualTo("p w\u00fc");
    assertThat(new PasswordCommand(List.of()).password()).isEmpty();
  }

  @Test
  void noShellLooksAtIt() {
    assertThat(run("echo", "$HOME", ";", "`id`")).isEqualTo("$HOME ; `id`");
  }

  @Test
  void itCannotAsk() {
    assertFails("has ended without a password", "cat");
  }

  @Test
  void oneThatFailsHasNoPassword() {
    assertFails("has failed with exit code 1", "false");
    assertFails("cannot be started", "/no/such", "s3cret");
    assertFails("has ended without a password", "echo");
    assertFails("has printed more than 65536 bytes", "cat", "/dev/zero");
    assertFails("has printed more than 65536 bytes", "head", "-c", "65537", "/dev/zero");
    assertThat(run("sh", "-c", "yes | head -c 65536")).hasSize(65_535);
  }

  @Test
  void oneThatDoesNotEndIsEndedWithAllThatItHasStarted() {
    String sleep = "sleep " + (70_000 + ProcessHandle.current().pid()) + ".4711";
    String nested = "sh -c '" + sleep + "; true'; true";

    assertFails("has not ended within 5 seconds", "sh", "-c", nested);

    Wait.until(
        () -> "still there: " + running(sleep), TestCluster.SOON, () -> running(sleep).isEmpty());
  }

  /** Not of each of them: this one would be done in time otherwise. */
  @Test
  void fiveSecondsAreTheLimitOfAllThatItDoes() {
    assertFails("has not ended within 5 seconds", "sh", "-c", "sleep 4; exec >&-; sleep 4");
  }

  /** Whoever its parent is by now. */
  private static List<String> running(String command) {
    return ProcessHandle.allProcesses()
        .map(process -> process.info().commandLine().orElse(""))
        .filter(line -> line.contains(command))
        .toList();
  }
}
