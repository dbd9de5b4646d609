package org.pgwalrus.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the declarations promise the server. */
class SettingsTest {

  static Stream<Setting> all() {
    return Settings.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyNameHasThePrefixAndEveryTextEndsAsASentence(Setting setting) {
    assertThat(setting.name()).matches("(walrus|steep_repl)\\.[a-z_]+");
    assertThat(setting.about().summary()).endsWith(".");
    assertThat(setting.about().description()).endsWith(".");
  }

  @Test
  void noNameIsGivenTwice() {
    assertThat(Settings.ALL).extracting(Setting::name).doesNotHaveDuplicates();
  }

  /** The server does not start with a default that is out of range. */
  @ParameterizedTest
  @MethodSource("all")
  void everyDefaultIsWithinItsRange(Setting setting) {
    if (setting instanceof Setting.Int number) {
      assertThat(number.defaultValue()).isBetween(number.min(), number.max());
    } else if (setting instanceof Setting.Real number) {
      assertThat(number.defaultValue()).isBetween(number.min(), number.max());
    } else if (setting instanceof Setting.Choice choice) {
      assertThat(choice.values()).isNotEmpty().doesNotHaveDuplicates();
    }
  }

  /** A declaration that is not listed would be no setting. */
  @Test
  void everyDeclarationIsListed() throws IllegalAccessException {
    for (Class<?> subject :
        List.of(
            Settings.class,
            GrowthSettings.class,
            ShrinkSettings.class,
            LimitSettings.class,
            OperationSettings.class,
            JobSettings.class)) {
      for (Field field : subject.getFields()) {
        if (Setting.class.isAssignableFrom(field.getType())) {
          assertThat(Settings.ALL).contains((Setting) field.get(null));
        }
      }
    }
  }

  /** Code that the server loads is chosen at its start, by superusers. */
  @ParameterizedTest
  @MethodSource("all")
  void whatIsReadAtStartIsForSuperusers(Setting setting) {
    assertThat(setting.about().superuserOnly())
        .isEqualTo(setting.about().context() == Setting.Context.POSTMASTER);
  }
}
