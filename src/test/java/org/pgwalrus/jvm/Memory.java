package org.pgwalrus.jvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a process occupies. */
final class Memory {

  private Memory() {}

  /** Memory that is the process's alone and cannot be dropped, kB. */
  static long privateDirtyKb(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
      return lines
          .filter(line -> line.startsWith("Private_Dirty:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the process has a JVM. */
  static boolean hasJvm(long pid) {
    return maps(pid, "libjvm");
  }

  /** Whether the process lives and has mapped a file with this text in its name. */
  static boolean maps(long pid, String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
      return lines.anyMatch(line -> line.contains(name));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
