package org.pgwalrus.bench;

import java.util.List;
import java.util.stream.IntStream;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;

/** How long a command takes that only tells its version. */
final class CommandStart {

  private static final int STARTS = 5;

  private CommandStart() {}

  /** The best of some starts, milliseconds. */
  static double millis(String program) {
    List<String> command = Installation.get().command(program, "--version");
    return IntStream.range(0, STARTS).mapToDouble(_ -> once(command)).min().orElseThrow();
  }

  private static double once(List<String> command) {
    long before = System.nanoTime();
    Programs.run(command);
    return (System.nanoTime() - before) / 1e6;
  }
}
