package org.pgwalrus.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The server's processes, from outside. */
public final class Processes {

  private Processes() {}

  /** Sends a signal, by its name without {@code SIG}. */
  public static void signal(long pid, String signal) {
    // The shell has it built in; the program is in a package that a small machine lacks.
    Programs.run(List.of("sh", "-c", "kill -" + signal + " " + pid));
  }

  /** Whether the process exists and is more than the record of one that has ended. */
  public static boolean isAlive(long pid) {
    try {
      String status = Files.readString(Path.of("/proc/" + pid + "/status"));
      return !status.contains("State:\tZ") && !status.contains("State:\tX");
    } catch (IOException e) {
      return false;
    }
  }

  /** Memory that is the process's own: neither files nor the server's; 0 when it has ended. */
  public static long privateKb(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
          .filter(line -> line.startsWith("RssAnon:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Whether a library is mapped into the process. */
  public static boolean hasMapped(long pid, String library) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/maps")).contains("/" + library);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
