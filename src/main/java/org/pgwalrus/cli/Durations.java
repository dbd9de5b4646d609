package org.pgwalrus.cli;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write them: {@code 90}, {@code 90s}, {@code 1h30m}, {@code 2d}. */
final class Durations implements ITypeConverter<Duration> {

  private static final Pattern WHOLE = Pattern.compile("\\d{1,9}|(\\d{1,9}[dhms])+");
  private static final Pattern PART = Pattern.compile("(\\d+)([dhms]?)");
  private static final Map<String, Long> SECONDS =
      Map.of("d", 86_400L, "h", 3_600L, "m", 60L, "s", 1L, "", 1L);

  @Override
  public Duration convert(String text) {
    if (!WHOLE.matcher(text).matches()) {
      throw new TypeConversionException("'" + text + "' is no duration such as 90s, 10m or 24h");
    }
    long seconds = 0;
    Matcher parts = PART.matcher(text);
    while (parts.find()) {
      seconds += Long.parseLong(parts.group(1)) * SECONDS.getOrDefault(parts.group(2), 0L);
    }
    // More than a clock in nanoseconds can tell is no limit at all.
    return Duration.ofSeconds(Math.min(seconds, Duration.ofDays(36_500).toSeconds()));
  }
}
