package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.sizing.Profile;
import org.pgwalrus.sizing.Weekday;

/**
 * What becomes of the fields of a profile, which the server sends in one line: name, start, end,
 * days, threshold, shrink_enable, dry_run, max_size, min_size, and the keys that nobody knows.
 */
class ProfileReaderTest {

  private static final String ALL = "night;22;6;Mon,Tue;7;false;true;8192;64;";
  private static final String FEW = "day;6;22;Wed;;;;;;";

  private final FakeServer server = new FakeServer();
  private final ProfileReader reader = new ProfileReader(server);

  private void profiles(String... lines) {
    server.database.answer(FakeDatabase.PROFILE_COUNT, String.valueOf(lines.length));
    server.database.answer(
        FakeDatabase.PROFILE,
        statement -> lines[Integer.parseInt(statement.first())].replace(';', '\u001f'));
  }

  private void assertRefused(String message) {
    assertThatThrownBy(reader::read)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void everyFieldHasItsPlace() {
    profiles(ALL);

    assertThat(reader.read())
        .containsExactly(
            new Profile(
                "night",
                22,
                6,
                Set.of(Weekday.MON, Weekday.TUE),
                new Profile.Overrides(8192, 7, false, 64, true)));
    assertThat(server.log).isEmpty();
  }

  @Test
  void aSizeWithAUnitIsConvertedByTheServer() {
    server.database.answer(
        FakeDatabase.MEGABYTES, statement -> statement.first().equals("8GB") ? "8192" : "512");
    profiles("night;22;6;Mon;;;;8GB;0.5 GB;");

    assertThat(reader.read().getFirst().overrides())
        .isEqualTo(new Profile.Overrides(8192, null, null, 512, null));
  }

  @Test
  void aSizeThatIsNoneIsRefusedByItsName() {
    server.database.fail(FakeDatabase.MEGABYTES, "22023", "invalid size");
    profiles("night;22;6;Mon;;;;8XB;;");

    assertRefused("profile \"night\": max_size must be a size, is 8XB");
  }

  @Test
  void aSizeTooLargeForTheServerIsRefused() {
    server.database.answer(FakeDatabase.MEGABYTES, "8796093022208");
    profiles("night;22;6;Mon;;;;;8EB;");

    assertRefused("profile \"night\": min_size must be a whole number, is 8796093022208");
  }

  @Test
  void whatIsNotGivenIsNotSet() {
    profiles(FEW);

    assertThat(reader.read().getFirst().overrides())
        .isEqualTo(new Profile.Overrides(null, null, null, null, null));
  }

  @Test
  void theProfilesKeepTheirOrder() {
    profiles(FEW, ALL);

    assertThat(reader.read()).extracting(Profile::name).containsExactly("day", "night");
  }

  @Test
  void thereMayBeNone() {
    profiles();

    assertThat(reader.read()).isEmpty();
  }

  @Test
  void anUnknownKeyIsAWarningWithTheProfile() {
    profiles(ALL + "color, size");

    assertThat(reader.read()).hasSize(1);
    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: profile \"night\" of walrus.profiles has unknown keys: color, size",
                "They are ignored.",
                ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "night;;6;Mon;;;;;;       | start_hour is missing",
        "night;22;;Mon;;;;;;      | end_hour is missing",
        "night;x;6;Mon;;;;;;      | start_hour must be a whole number, is x",
        "night;22.5;6;Mon;;;;;;   | start_hour must be a whole number, is 22.5",
        "night;24;6;Mon;;;;;;     | start_hour must be between 0 and 23, is 24",
        "night;22;6;;;;;;;        | days must be an array of Mon, Tue, Wed, Thu, Fri, Sat, Sun",
        "night;22;6;Mon,Foo;;;;;; | days must be an array of Mon, Tue, Wed, Thu, Fri, Sat, Sun",
        "night;22;6;Mon;0;;;;;    | threshold must be between 1 and 1000, is 0",
        "night;22;6;Mon;;yes;;;;  | shrink_enable must be true or false, is yes",
        "night;22;6;Mon;;;1;;;    | dry_run must be true or false, is 1",
        "night;22;6;Mon;;;;1;;    | max_size must be between 2 and 2147483647, is 1",
        "night;22;6;Mon;;;;9999999999;; | max_size must be a whole number, is 9999999999",
        "night;22;6;Mon;;;;;1;    | min_size must be between 2 and 2147483647, is 1"
      })
  void aFieldThatIsWrongIsNamedWithItsProfile(String line, String problem) {
    profiles(line);

    assertRefused("profile \"night\": " + problem);
  }

  @Test
  void twoProfilesMayNotShareAName() {
    profiles(ALL, ALL);

    assertRefused("profile \"night\": name is used twice");
  }

  /** It goes into the shared state, into rows and into events, which all have an end. */
  @Test
  void aNameHasAtMost63Characters() {
    profiles(FEW.replace("day", "x".repeat(63)));
    assertThat(reader.read()).hasSize(1);

    profiles(FEW.replace("day", "x".repeat(64)));
    assertRefused("profile 1: name must have at most 63 characters");
  }

  @Test
  void aProfileWithoutANameIsNumbered() {
    profiles(ALL, ";22;6;Mon;;;;;;");
    assertRefused("profile 2: name is missing");
    profiles(ALL, "  ;22;6;Mon;;;;;;");
    assertRefused("profile 2: name is missing");
  }

  /** The line was cut, or a text has the separator in it. */
  @ParameterizedTest
  @CsvSource({"night;22;6;Mo", "night;22;6;Mon;;;;;;;"})
  void aLineWithFewerOrMoreFieldsIsRefused(String line) {
    profiles(line);

    assertRefused("profile 1 has texts that are too long or not printable");
  }

  @Test
  void whatIsNoArrayIsRefused() {
    server.database.answer(FakeDatabase.PROFILE_COUNT, (String) null);

    assertRefused("it must be a JSON array");
  }

  @Test
  void anElementThatIsNoObjectIsRefusedByItsNumber() {
    server.database.answer(FakeDatabase.PROFILE_COUNT, "1");
    server.database.answer(FakeDatabase.PROFILE, (String) null);

    assertRefused("profile 1 must be a JSON object");
  }

  @Test
  void anElementThatTheServerCannotReadIsRefusedWithItsWords() {
    server.database.answer(FakeDatabase.PROFILE_COUNT, "1");
    server.database.fail(FakeDatabase.PROFILE, "22023", "invalid size: \"8XB\"");

    assertRefused("profile 1: invalid size: \"8XB\"");
  }

  /** JSON that passes the check of the setting and yet is no jsonb. */
  @Test
  void aTextThatTheServerCannotReadIsRefusedWithItsWords() {
    server.database.fail(
        FakeDatabase.PROFILE_COUNT, "22P05", "unsupported Unicode escape sequence");

    assertRefused("unsupported Unicode escape sequence");
    assertThatThrownBy(reader::read).hasCauseInstanceOf(PgException.class);
  }
}
