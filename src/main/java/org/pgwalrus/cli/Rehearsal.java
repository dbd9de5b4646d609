package org.pgwalrus.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pgwalrus.cli.progress.Example;

/** Does what the program usually does, for the AOT cache to know the classes that it takes. */
public final class Rehearsal {

  private Rehearsal() {}

  public static void main(String[] arguments) throws IOException {
    PrintWriter nowhere =
        new PrintWriter(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    try (RehearsalServer server = new RehearsalServer()) {
      String connection = "host=127.0.0.1 user=nobody port=" + server.port();
      run(nowhere, 0, "--version");
      run(nowhere, 0, "--help");
      run(nowhere, 0, "snapshot", "generate", "--help");
      run(nowhere, ExitCode.INVALID_ARGUMENTS, "snapshot", "no-command");
      // The file of whoever installs is none of its business.
      run(nowhere, 0, "snapshot", "list", "--status", "complete", "-c", connection, "--config", "");
      run(nowhere, 0, "snapshot", "show", "0.2.0", "--json", "-c", connection, "--config", "");
      Path file = Files.createTempFile("steep-repl", ".yaml");
      try {
        Files.writeString(file, "connections: {default: {sslmode: disable, connect_timeout: 9}}");
        run(nowhere, 0, "snapshot", "list", "-c", connection, "--config", file.toString());
      } finally {
        Files.delete(file);
      }
    }
    Example.show(nowhere);
  }

  private static void run(PrintWriter out, int expected, String... arguments) {
    int code = SteepRepl.commandLine().setOut(out).setErr(out).execute(arguments);
    if (code != expected) {
      throw new IllegalStateException(String.join(" ", arguments) + " ended with " + code);
    }
  }
}
