package org.pgwalrus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.Settings;

/** The README says of every setting what its declaration says, and leads nowhere in vain. */
class ReadmeTest {

  private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]+)");

  static Stream<Setting> settings() {
    return Settings.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void hasTheRowOfEverySetting(Setting setting) throws IOException {
    assertThat(Files.readAllLines(Path.of("README.md"))).contains(row(setting));
  }

  @Test
  void linksToFilesThatExist() throws IOException {
    Matcher links = LINK.matcher(Files.readString(Path.of("README.md")));
    while (links.find()) {
      assertThat(Path.of(links.group(1))).exists();
    }
  }

  static String row(Setting setting) {
    String defaultValue;
    String range;
    switch (setting) {
      case Setting.Bool bool -> {
        defaultValue = bool.defaultValue() ? "on" : "off";
        range = "on, off";
      }
      case Setting.Int number -> {
        String unit = (" " + number.unit().symbol()).stripTrailing();
        defaultValue = number.defaultValue() + unit;
        range = number.min() + " to " + number.max() + unit;
      }
      case Setting.Real number -> {
        defaultValue = plain(number.defaultValue());
        range = plain(number.min()) + " to " + plain(number.max());
      }
      case Setting.Choice choice -> {
        defaultValue = choice.values().getFirst();
        range = String.join(", ", choice.values());
      }
      case Setting.Text text -> {
        defaultValue = text.defaultValue().isEmpty() ? "empty" : text.defaultValue();
        range = "";
      }
    }
    String change =
        switch (setting.about().context()) {
          case SIGHUP -> "reload";
          case SUSET -> "superuser";
          case POSTMASTER -> "restart";
        };
    return "| `%s` | %s | %s | %s | %s %s |"
        .formatted(
            setting.name(),
            defaultValue,
            range,
            change,
            setting.about().summary(),
            setting.about().description());
  }

  /** As people write it: 0.75, but 95. */
  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }
}
