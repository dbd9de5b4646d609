package org.pgwalrus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Which signals the threads of a process block. */
public final class SignalMasks {

  private static final int SIGHUP = 1;
  private static final int SIGINT = 2;
  private static final int SIGQUIT = 3;
  private static final int SIGUSR1 = 10;
  private static final int SIGTERM = 15;
  private static final int SIGURG = 23;

  /** Those that the server handles itself. */
  public static final List<Integer> OF_THE_SERVER =
      List.of(SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGTERM);

  private SignalMasks() {}

  /** Asserts that the main thread takes the server's signals, and no thread of its JVM does. */
  public static void assertOnlyMainTakesSignals(long pid) {
    List<Path> tasks = tasks(pid);
    assertThat(tasks).hasSizeBetween(5, 15);
    for (Path task : tasks) {
      boolean main = task.endsWith(String.valueOf(pid));
      BigInteger blocked = mask(task);
      for (int signal : OF_THE_SERVER) {
        assertThat(blocked.testBit(signal - 1)).as("%s blocks %d", task, signal).isEqualTo(!main);
      }
      if (!main) {
        assertThat(blocked.testBit(SIGURG - 1)).as("%s blocks SIGURG", task).isTrue();
      }
    }
  }

  private static List<Path> tasks(long pid) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      return tasks.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BigInteger mask(Path task) {
    try (Stream<String> lines = Files.lines(task.resolve("status"))) {
      return lines
          .filter(line -> line.startsWith("SigBlk:"))
          .map(line -> new BigInteger(line.substring("SigBlk:".length()).strip(), 16))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
