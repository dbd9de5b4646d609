package org.pgwalrus.cli.connection;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A program that prints a password, run without a shell when it is first asked for. What it
 * complains of can be seen.
 */
final class PasswordCommand {

  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final int LONGEST = 65_536;

  private final List<String> words;
  private @Nullable String password;

  /**
   * One asking.
   *
   * @param words the program and its arguments; empty for none
   */
  PasswordCommand(List<String> words) {
    this.words = List.copyOf(words);
  }

  /**
   * Its output without spaces and ends of lines around it; empty where there is no program.
   *
   * @throws ConnectionFailure when it fails, prints nothing or too much, or takes longer than 5
   *     seconds
   */
  Optional<String> password() {
    if (password == null && !words.isEmpty()) {
      password = run();
    }
    return Optional.ofNullable(password);
  }

  private String run() {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    Process process = start();
    try {
      byte[] printed = output(process, deadline);
      if (printed.length > LONGEST) {
        throw failure("has printed more than " + LONGEST + " bytes");
      }
      if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw new TimeoutException();
      }
      if (process.exitValue() != 0) {
        throw failure("has failed with exit code " + process.exitValue());
      }
      String text = new String(printed, StandardCharsets.UTF_8).strip();
      if (text.isEmpty()) {
        throw failure("has ended without a password");
      }
      return text;
    } catch (TimeoutException e) {
      throw failure("has not ended within " + LIMIT.toSeconds() + " seconds");
    } catch (ExecutionException e) {
      throw failure("cannot be read");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure("was interrupted");
    } finally {
      end(process);
    }
  }

  private Process start() {
    try {
      Process process = new ProcessBuilder(words).redirectError(Redirect.INHERIT).start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw failure("cannot be started");
    }
  }

  private static byte[] output(Process process, long deadline)
      throws InterruptedException, ExecutionException, TimeoutException {
    InputStream out = process.getInputStream();
    FutureTask<byte[]> output = new FutureTask<>(() -> out.readNBytes(LONGEST + 1));
    Thread.ofVirtual().start(output);
    return output.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  /** The oldest first, who could otherwise start others in place of those that are gone. */
  private static void end(Process process) {
    Stream.concat(Stream.of(process.toHandle()), process.descendants())
        .toList()
        .forEach(ProcessHandle::destroyForcibly);
  }

  /** Its arguments may be secret. */
  private ConnectionFailure failure(String what) {
    return new ConnectionFailure(
        "password_command \"" + words.getFirst() + "\" " + what,
        "Run it by hand to see why, or keep the password in ~/.pgpass.",
        null);
  }
}
