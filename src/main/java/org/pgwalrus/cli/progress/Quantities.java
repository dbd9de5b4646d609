package org.pgwalrus.cli.progress;

import java.util.Locale;

/** Numbers as people read them. */
public final class Quantities {

  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

  private Quantities() {}

  /** The same of a whole number. */
  public static String bytes(long bytes) {
    return bytes((double) bytes);
  }

  /** {@code 512 B}, {@code 1.0 GB}, {@code 210 MB}. */
  public static String bytes(double bytes) {
    double value = Math.max(bytes, 0);
    int unit = 0;
    // What would be shown as 1024 is one of the next unit.
    while (value >= 1023.5 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    String format = unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s";
    return String.format(Locale.ROOT, format, value, UNITS[unit]);
  }

  /** {@code 0:05}, {@code 1:02:03}. */
  public static String duration(long seconds) {
    long all = Math.max(seconds, 0);
    return all < 3600
        ? String.format(Locale.ROOT, "%d:%02d", all / 60, all % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", all / 3600, all / 60 % 60, all % 60);
  }

  /** {@code 45.2%}. */
  static String percent(double percent) {
    return String.format(Locale.ROOT, "%.1f%%", percent);
  }
}
