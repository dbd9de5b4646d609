package org.pgwalrus.cli.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.connection.Surroundings;

class ParallelismTest {

  private static @Nullable Integer of(Map<String, String> environment) {
    Path nowhere = Path.of("/dev/null");
    return Parallelism.of(new Surroundings(environment, "dba", nowhere, nowhere, List.of(nowhere)));
  }

  @Test
  void theVariableCountsUnlessItIsEmpty() {
    assertThat(of(Map.of("STEEP_REPL_PARALLEL", "7"))).isEqualTo(7);
    assertThat(of(Map.of("STEEP_REPL_PARALLEL", ""))).isNull();
    assertThat(of(Map.of())).isNull();
  }

  @Test
  void whatIsNoNumberIsToldByTheName() {
    for (String text : List.of("many", "1.5", "99999999999", " ")) {
      assertThatExceptionOfType(CliException.class)
          .isThrownBy(() -> of(Map.of("STEEP_REPL_PARALLEL", text)))
          .withMessageContaining("STEEP_REPL_PARALLEL")
          .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.INVALID_ARGUMENTS));
    }
  }

  @Test
  void theOptionComesFirst() {
    assertThat(Parallelism.or(3)).isEqualTo(3);
  }
}
