package org.pgwalrus.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pgwalrus.cli.progress.Example;
import picocli.CommandLine;

/** Does what the program usually does, for the AOT cache to know the classes that it takes. */
public final class Rehearsal {

  private Rehearsal() {}

  public static void main(String[] arguments) throws IOException {
    PrintWriter nowhere =
        new PrintWriter(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    try (RehearsalServer server = new RehearsalServer()) {
      String connection = "host=127.0.0.1 user=nobody port=" + server.port();
      run(nowhere, 0, List.of("--version"));
      run(nowhere, 0, List.of("--help"));
      run(nowhere, 0, List.of("snapshot", "generate", "--help"));
      run(nowhere, ExitCode.INVALID_ARGUMENTS, List.of("snapshot", "no-command"));
      run(nowhere, 0, List.of("snapshot", "list", "--status", "complete", "-c", connection));
      run(nowhere, 0, List.of("snapshot", "show", "0.2.0", "--json", "-c", connection));
      Path file = Files.createTempFile("steep-repl", ".yaml");
      try {
        Files.writeString(file, "connections: {default: {sslmode: disable, connect_timeout: 9}}");
        run(nowhere, 0, List.of("snapshot", "list", "--config", file.toString(), "-c", connection));
      } finally {
        Files.delete(file);
      }
    }
    Example.show(nowhere);
  }

  private static void run(PrintWriter out, int expected, List<String> arguments) {
    CommandLine commandLine = SteepRepl.commandLine().setOut(out).setErr(out);
    int code = commandLine.execute(arguments.toArray(String[]::new));
    if (code != expected) {
      throw new IllegalStateException(arguments + " ended with " + code);
    }
  }
}
