package org.pgwalrus.cli.connection;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a program that prints a password, without a shell. What it complains of can be seen. */
final class PasswordCommand {

  private static final int SECONDS = 5;
  private static final int LONGEST = 65_536;

  private PasswordCommand() {}

  /**
   * Its output without spaces and ends of lines around it.
   *
   * @throws ConnectionFailure when it fails, or takes longer than 5 seconds
   */
  static String run(List<String> command) {
    Process process = start(command);
    try {
      InputStream out = process.getInputStream();
      FutureTask<byte[]> output = new FutureTask<>(() -> out.readNBytes(LONGEST));
      Thread.ofVirtual().start(output);
      byte[] printed = output.get(SECONDS, TimeUnit.SECONDS);
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        throw new TimeoutException();
      }
      if (process.exitValue() != 0) {
        throw failure(command, "has failed with exit code " + process.exitValue());
      }
      return new String(printed, StandardCharsets.UTF_8).strip();
    } catch (TimeoutException e) {
      throw failure(command, "has not ended within " + SECONDS + " seconds");
    } catch (ExecutionException e) {
      throw failure(command, "cannot be read");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(command, "was interrupted");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Process start(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw failure(command, "cannot be started");
    }
  }

  /** Its arguments may be secret. */
  private static ConnectionFailure failure(List<String> command, String what) {
    return new ConnectionFailure(
        "password_command \"" + command.getFirst() + "\" " + what,
        "Run it by hand to see why, or keep the password in ~/.pgpass.",
        null);
  }
}
