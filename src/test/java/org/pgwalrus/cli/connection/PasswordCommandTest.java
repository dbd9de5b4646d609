package org.pgwalrus.cli.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

class PasswordCommandTest {

  private static void assertFails(String message, String... command) {
    assertThatExceptionOfType(ConnectionFailure.class)
        .isThrownBy(() -> PasswordCommand.run(List.of(command)))
        .withMessage(message)
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONNECTION));
  }

  @Test
  void whatItPrintsIsThePassword() {
    assertThat(PasswordCommand.run(List.of("printf", "  p w\u00fc \\n\\n"))).isEqualTo("p w\u00fc");
    assertThat(PasswordCommand.run(List.of("true"))).isEmpty();
  }

  @Test
  void noShellLooksAtIt() {
    assertThat(PasswordCommand.run(List.of("echo", "$HOME", ";", "`id`")))
        .isEqualTo("$HOME ; `id`");
  }

  @Test
  void itCannotAsk() {
    assertThat(PasswordCommand.run(List.of("cat"))).isEmpty();
  }

  @Test
  void oneThatFailsHasNoPassword() {
    assertFails("password_command \"false\" has failed with exit code 1", "false");
    assertFails("password_command \"/no/such\" cannot be started", "/no/such", "s3cret");
  }

  @Test
  void oneThatDoesNotEndIsEnded() {
    assertFails("password_command \"sh\" has not ended within 5 seconds", "sh", "-c", "sleep 600");
    Wait.until("it is still there", TestCluster.SOON, () -> isNoneLeft("sleep 600"));
  }

  private static boolean isNoneLeft(String command) {
    return ProcessHandle.current()
        .descendants()
        .map(ProcessHandle::info)
        .noneMatch(info -> info.commandLine().orElse("").contains(command));
  }
}
