package org.pgwalrus.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Wait;

/** The installed command line, in a process of its own, with nothing of the user's environment. */
final class Program implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** What was printed, and how it ended. */
  record Result(int code, String out, String err) {}

  private final Process process;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<Thread> readers = new ArrayList<>();

  private Program(List<String> command, Map<String, String> environment) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("PG") || name.startsWith("STEEP_REPL_"));
    builder.environment().putAll(environment);
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    read(process.getInputStream(), out);
    read(process.getErrorStream(), err);
  }

  private void read(InputStream stream, StringWriter text) {
    readers.add(
        Thread.startVirtualThread(() -> {
          byte[] bytes = new byte[4096];
          try {
            for (int n = stream.read(bytes); n >= 0; n = stream.read(bytes)) {
              text.append(new String(bytes, 0, n, UTF_8));
            }
          } catch (IOException e) {
            text.append(e.toString());
          }
        }));
  }

  static Path launcher() {
    return Path.of(Installation.get().ask("--bindir"), "steep-repl");
  }

  /** Runs it to its end. */
  static Result run(String... arguments) {
    return run(Map.of(), arguments);
  }

  static Result run(Map<String, String> environment, String... arguments) {
    try (Program program = start(environment, arguments)) {
      return program.await();
    }
  }

  static Program start(Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(List.of(launcher().toString()));
    command.addAll(List.of(arguments));
    return new Program(command, environment);
  }

  /** Starts it in a pseudo-terminal of so many columns, to which {@link #type} is the keyboard. */
  static Program inTerminal(int columns, String... arguments) {
    StringBuilder line = new StringBuilder("exec " + launcher());
    for (String argument : arguments) {
      line.append(" '").append(argument.replace("'", "'\\''")).append('\'');
    }
    return shellInTerminal(columns, line.toString());
  }

  /** The same with commands of a shell, which finds the server's programs and this one. */
  static Program shellInTerminal(int columns, String commands) {
    // Whoever started the tests in the background has SIGINT ignored, and so had the program.
    return new Program(
        List.of(
            "env",
            "--default-signal=INT,QUIT",
            "script",
            "-q",
            "-e",
            "-c",
            "stty cols " + columns + "; " + commands,
            "/dev/null"),
        Map.of("TERM", "xterm", "PATH", launcher().getParent() + ":" + System.getenv("PATH")));
  }

  /** Presses keys. */
  void type(String keys) {
    try {
      OutputStream keyboard = process.getOutputStream();
      keyboard.write(keys.getBytes(UTF_8));
      keyboard.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What has been printed so far. */
  String printed() {
    return out + "" + err;
  }

  void awaitText(String text) {
    Wait.until(() -> "no \"" + text + "\" in: " + printed(), LIMIT, () -> printed().contains(text));
  }

  long pid() {
    return process.pid();
  }

  Result await() {
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("it does not end: " + printed());
      }
      for (Thread reader : readers) {
        reader.join(5000);
      }
      return new Result(process.exitValue(), out.toString(), err.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Ends it at once, in the middle of whatever it does. */
  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  @Override
  public void close() {
    kill();
  }
}
