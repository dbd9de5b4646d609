package org.pgwalrus.trials;

import java.util.ArrayList;
import java.util.List;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Session;

/** What a line of a script means: a verb, and often an argument. */
final class Act {

  private static final int CHUNK = 1 << 20;

  private Act() {}

  static void perform(Session session, String line) {
    String[] parts = line.split(" ", 2);
    String argument = parts.length > 1 ? parts[1] : "";
    switch (parts[0]) {
      // A statement, with the number of the job as $1.
      case "sql" -> session.execute(argument, String.valueOf(session.id()));
      // Java that looks for signals, or does not.
      case "busy" -> compute(Double.parseDouble(argument), session::checkPoint);
      case "deaf" -> compute(Double.parseDouble(argument), () -> {});
      case "compress" -> Codecs.use(argument);
      case "restore" -> Restores.perform(session, argument);
      case "refuse" -> throw new JobException(argument);
      case "throw" -> throw new IllegalArgumentException(argument);
      case "fill-memory" -> fill(new ArrayList<>());
      case "fill-stack" -> dig(0);
      case "exit" -> System.exit(Integer.parseInt(argument));
      default -> throw new AssertionError(line);
    }
  }

  private static void compute(double seconds, Runnable now) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      now.run();
    }
  }

  private static void fill(List<byte[]> all) {
    while (true) {
      all.add(new byte[CHUNK]);
    }
  }

  private static long dig(long depth) {
    return dig(depth + 1) + depth;
  }
}
