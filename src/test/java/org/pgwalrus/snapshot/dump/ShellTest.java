package org.pgwalrus.snapshot.dump;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgwalrus.cluster.Programs;

class ShellTest {

  @Test
  void asciiNeedsNoScript() {
    List<String> command = List.of("pg_dump", "--table=\"a\"\n'$(x)'");
    assertThat(Shell.wrap(command, Path.of("/nowhere"))).isEqualTo(command);
  }

  @Test
  void allBytesArriveInAnyLocale(@TempDir Path directory) {
    String awkward = "ü\\n%s $HOME `id` '\"日本 Ё\u0081\n\n";
    List<String> command =
        Shell.wrap(List.of("printf", "<%s>", awkward, "", "-n"), directory.resolve("script"));
    assertThat(Programs.run(command, Map.of("LC_ALL", "C"))).isEqualTo("<" + awkward + "><><-n>");
  }
}
