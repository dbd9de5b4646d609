package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.LocalTime;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Policy;

/** Which profile is in force, and who is told. */
class ProfilesTest {

  private final FakeServer server = new FakeServer();
  private final Profiles profiles = new Profiles(server, new Events(server));
  private final Policy base = Examples.policy();

  /** The text is what tells one set from another; the server says what is in it. */
  private void set(String text, String line) {
    server.set(OperationSettings.PROFILES, text);
    server.database.answer(FakeDatabase.PROFILE_COUNT, "1");
    server.database.answer(FakeDatabase.PROFILE, line.replace(';', '\u001f'));
    profiles.refresh();
  }

  private void setNight() {
    set("[night]", "night;22;6;Mon;7;;;8192;;");
  }

  private Policy at(int dayOfWeek, int hour) {
    server.localTime = new LocalTime(dayOfWeek, hour);
    return profiles.applyTo(base);
  }

  private String active() {
    return server.state().text(StateField.ACTIVE_PROFILE);
  }

  @Test
  void withoutProfilesNobodyAsksForTheTime() {
    profiles.refresh();

    assertThat(profiles.applyTo(base)).isSameAs(base);
    assertThat(profiles.active()).isEmpty();
    assertThat(server.zones).isEmpty();
  }

  @Test
  void aProfileHoldsInItsHoursOnly() {
    setNight();

    assertThat(at(1, 21)).isSameAs(base);
    assertThat(at(1, 22).maxMb()).isEqualTo(8192);
    assertThat(at(1, 22).threshold()).isEqualTo(7);
    assertThat(profiles.active()).isEqualTo("night");
    assertThat(active()).isEqualTo("night");
    assertThat(at(2, 6)).isSameAs(base);
    assertThat(profiles.active()).isEmpty();
    assertThat(active()).isEmpty();
  }

  /** The server counts from Sunday. */
  @ParameterizedTest
  @CsvSource({"0, Sun", "1, Mon", "2, Tue", "3, Wed", "4, Thu", "5, Fri", "6, Sat"})
  void theDaysAreTheServers(int dayOfWeek, String name) {
    set("[one day]", "one;0;24;" + name + ";;;;8192;;");

    for (int day = 0; day < 7; day++) {
      assertThat(at(day, 12).maxMb()).isEqualTo(day == dayOfWeek ? 8192 : 4096);
    }
  }

  @Test
  void theTimeIsThatOfTheZoneThatIsSet() {
    setNight();
    at(1, 12);
    server.set(OperationSettings.PROFILE_TIMEZONE, "Europe/Paris");
    at(1, 12);

    assertThat(server.zones).containsExactly("", "Europe/Paris");
  }

  @Test
  void aChangeIsLoggedAndAnnouncedOnce() {
    setNight();
    at(1, 22);
    at(1, 23);
    at(2, 12);

    assertThat(server.messages(Level.LOG))
        .containsExactly(
            "pg_walrus: active profile changed from \"(base)\" to \"night\"",
            "pg_walrus: active profile changed from \"night\" to \"(base)\"");
    assertThat(server.database.events())
        .containsExactly(
            "{\"from\": \"(base)\", \"to\": \"night\", \"event\": \"profile_changed\", \"id\": null}",
            "{\"from\": \"night\", \"to\": \"(base)\", \"event\": \"profile_changed\", \"id\": null}");
  }

  @Test
  void theSettingIsReadOnlyWhenItHasChanged() {
    setNight();
    profiles.refresh();

    assertThat(server.database.sent(FakeDatabase.PROFILE_COUNT)).hasSize(1);
  }

  @Test
  void whatCannotBeUsedIsToldOnceAndLeavesTheLastGoodSetInForce() {
    setNight();
    set("[bad]", "night;x;6;Mon;;;;;;");
    profiles.refresh();

    String problem = "profile \"night\": start_hour must be a whole number, is x";
    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: walrus.profiles cannot be used: " + problem,
                "The last good set stays in force.",
                ""));
    assertThat(server.state().text(StateField.PROFILE_ERROR)).isEqualTo(problem);
    assertThat(at(1, 22).maxMb()).isEqualTo(8192);

    setNight();
    assertThat(server.state().text(StateField.PROFILE_ERROR)).isEmpty();
  }

  @Test
  void anEmptySettingEndsAllProfiles() {
    setNight();
    at(1, 22);
    server.set(OperationSettings.PROFILES, "");
    profiles.refresh();

    assertThat(at(1, 22)).isSameAs(base);
    assertThat(active()).isEmpty();
  }

  @Test
  void aProfileMayEndTheDryRunThatTheSettingBegan() {
    set("[work]", "work;8;18;Mon;;;false;;;");

    assertThat(profiles.applyTo(base.asTrial()).trial()).isFalse();
    assertThat(at(1, 7)).as("outside its hours").isSameAs(base);
  }

  @Test
  void whatAnEarlierWorkerLeftInTheSharedStateIsForgotten() {
    server.state().set(StateField.ACTIVE_PROFILE, "night");
    server.state().set(StateField.PROFILE_ERROR, "wrong");
    Profiles fresh = new Profiles(server, new Events(server));
    fresh.refresh();

    assertThat(active()).isEmpty();
    assertThat(server.state().text(StateField.PROFILE_ERROR)).isEmpty();
  }
}
