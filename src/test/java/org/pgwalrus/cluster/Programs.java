package org.pgwalrus.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Runs programs. */
public final class Programs {

  private Programs() {}

  /**
   * Runs a program to its end and returns what it printed.
   *
   * @throws IllegalStateException when it fails, with its output
   */
  public static String run(List<String> command) {
    return run(command, Map.of());
  }

  /** Skips the test, and says so, where a program is not installed. */
  public static void assumeInstalled(String program) {
    try {
      run(List.of("sh", "-c", "command -v " + program));
    } catch (IllegalStateException e) {
      Skip.because(program + " is not installed");
    }
  }

  /** Runs a program with additions to its environment. */
  public static String run(List<String> command, Map<String, String> environment) {
    try {
      ProcessBuilder builder = builder(command);
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new IllegalStateException(command + " ended with " + status + ":\n" + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Runs a program that writes to where this one does, a terminal perhaps; returns its status. */
  public static int show(List<String> command) {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A program with its errors among its output, in a directory that every user can enter. */
  static ProcessBuilder builder(List<String> command) {
    return new ProcessBuilder(command).redirectErrorStream(true).directory(new File("/"));
  }
}
