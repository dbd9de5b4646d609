package org.pgwalrus.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgwalrus.cluster.Installation;

/** Where and when was measured. */
final class Machine {

  private static final Path PROC = Path.of("/proc");

  private Machine() {}

  /** The table at the head of the report. */
  static Table describe() {
    double gigabytes = Long.parseLong(find("meminfo", "MemTotal:\\s+(\\d+) kB")) / 1048576.0;
    return new Table("", "")
        .row("processor", find("cpuinfo", "model name\\s*:\\s*(.*)"))
        .row("cores", String.valueOf(Runtime.getRuntime().availableProcessors()))
        .row("memory", Table.number(1, gigabytes) + " GB")
        .row("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"))
        .row("server", Installation.get().ask("--version"))
        .row("JDK", System.getProperty("java.vendor.version") + ", " + Runtime.version())
        .row("load average at the start", find("loadavg", "(\\S+ \\S+ \\S+)"))
        .row(
            "date",
            ZonedDateTime.now(ZoneOffset.UTC)
                .format(DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'")));
  }

  private static String find(String file, String pattern) {
    try {
      Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(PROC.resolve(file)));
      return matcher.find() ? matcher.group(1) : "0";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
