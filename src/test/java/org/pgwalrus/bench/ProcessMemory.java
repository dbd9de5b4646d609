package org.pgwalrus.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;

/**
 * What a process holds in memory, from {@code /proc/PID/smaps}.
 *
 * <p>The server's shared memory is in PSS and RSS, and never private: the kernel takes each of its
 * pages for private that no other process has touched yet, as most of those in a new server.
 *
 * <p>PSS divides a page by the number of processes that map it. The benchmark is a JVM itself and
 * other workers may run on the machine, so pages of the JDK and of the extension's archive would be
 * counted by half: they are counted in full, as if the worker were the only JVM.
 *
 * @param pssMb proportional set size, the files of the JDK and of the extension in full
 * @param privateDirtyMb written pages that are not shared with the server
 * @param rssMb resident set size, with all shared memory that was touched
 * @param threads threads of the process
 */
record ProcessMemory(double pssMb, double privateDirtyMb, double rssMb, int threads) {

  private static final double KB_PER_MB = 1024.0;
  private static final Pattern MAPPING =
      Pattern.compile("[0-9a-f]+-[0-9a-f]+ ...(.) \\S+ \\S+ \\d+\\s*(.*)");
  private static final Pattern SIZE = Pattern.compile("(Rss|Pss|Private_Dirty):\\s+(\\d+) kB");

  private static final String JDK = System.getProperty("java.home");
  private static final String EXTENSION = Installation.get().libraryDirectory() + "/pg_walrus/";

  /** Reads it after {@code sync}: dirty pages of files would count as private dirty otherwise. */
  static ProcessMemory of(long pid) {
    Programs.run(List.of("sync"));
    Path process = Path.of("/proc", String.valueOf(pid));
    try {
      String status = Files.readString(process.resolve("status"));
      Matcher threads = Pattern.compile("Threads:\\s+(\\d+)").matcher(status);
      threads.find();
      return read(Files.readAllLines(process.resolve("smaps")), Integer.parseInt(threads.group(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessMemory read(List<String> smaps, int threads) {
    long rss = 0;
    long pss = 0;
    long dirty = 0;
    boolean inFull = false;
    boolean shared = false;
    for (String line : smaps) {
      Matcher mapping = MAPPING.matcher(line);
      Matcher size = SIZE.matcher(line);
      if (mapping.matches()) {
        inFull = belongsToJvm(mapping.group(2));
        shared = mapping.group(1).equals("s");
      } else if (size.matches()) {
        long kilobytes = Long.parseLong(size.group(2));
        switch (size.group(1)) {
          case "Rss" -> {
            rss += kilobytes;
            pss += inFull ? kilobytes : 0;
          }
          case "Pss" -> pss += inFull ? 0 : kilobytes;
          default -> dirty += shared ? 0 : kilobytes;
        }
      }
    }
    return new ProcessMemory(pss / KB_PER_MB, dirty / KB_PER_MB, rss / KB_PER_MB, threads);
  }

  private static boolean belongsToJvm(String file) {
    return file.startsWith(JDK) || file.startsWith(EXTENSION);
  }
}
