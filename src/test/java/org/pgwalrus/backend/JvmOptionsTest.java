package org.pgwalrus.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Programs;

/** Options without which the server, or the whole cluster, would be at risk. */
class JvmOptionsTest {

  private static final List<String> ALL =
      Stream.concat(JvmOptions.FIXED.stream(), JvmOptions.LAST.stream()).toList();

  @Test
  void theSignalsStayTheServers() {
    assertThat(JvmOptions.FIXED).contains("-Xrs", "-XX:+DisableAttachMechanism");
  }

  /** An exit code above 1, or a signal, restarts every process of the cluster. */
  @Test
  void noErrorEndsTheProcessWhateverASuperuserAdds() {
    assertThat(JvmOptions.LAST)
        .contains("-XX:-ExitOnOutOfMemoryError", "-XX:-CrashOnOutOfMemoryError");
    assertThat(ALL)
        .doesNotContain("-XX:+ExitOnOutOfMemoryError", "-XX:+CrashOnOutOfMemoryError")
        .noneMatch(option -> option.startsWith("-XX:OnOutOfMemoryError"));
  }

  @Test
  void nothingIsLeftInDirectories() {
    assertThat(ALL).contains("-XX:-UsePerfData", "-XX:-CreateCoredumpOnCrash");
  }

  /** They are written one a line, for a shell and for C. */
  @Test
  void anOptionIsOneWord() {
    assertThat(ALL).allMatch(option -> option.matches("-[!-~]+"));
    assertThat(ALL).doesNotHaveDuplicates();
  }

  @Test
  void theJvmTakesThemAll() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ALL);
    command.add("-version");

    assertThat(Programs.run(command)).doesNotContainIgnoringCase("warning").contains("version");
  }
}
