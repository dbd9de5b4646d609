package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.pgwalrus.sizing.Scenario.scenario;
import static org.pgwalrus.sizing.Weekday.FRI;
import static org.pgwalrus.sizing.Weekday.MON;
import static org.pgwalrus.sizing.Weekday.SAT;
import static org.pgwalrus.sizing.Weekday.SUN;
import static org.pgwalrus.sizing.Weekday.WED;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.sizing.Profile.Overrides;

class ProfileTest {
  private static final Set<Weekday> WORKDAYS = EnumSet.range(MON, FRI);
  private static final Overrides NOTHING = new Overrides(null, null, null, null, null);

  @ParameterizedTest(name = "{0}: {1} to {2} from {3} to {4}, on {5} at {6}: {7}")
  @CsvSource({
    "P1a, 9, 18, MON, FRI, WED, 9, true",
    "P1b, 9, 18, MON, FRI, WED, 18, false",
    "the last hour, 9, 18, MON, FRI, WED, 17, true",
    "the hour before, 9, 18, MON, FRI, WED, 8, false",
    "another day, 9, 18, MON, FRI, SAT, 9, false",
    "P2a, 22, 6, MON, FRI, FRI, 23, true",
    "P2b (began Friday), 22, 6, MON, FRI, SAT, 5, true",
    "P2c (would have begun Sunday), 22, 6, MON, FRI, MON, 3, false",
    "P2d, 22, 6, MON, FRI, SAT, 6, false",
    "P2e, 22, 6, MON, FRI, SAT, 23, false",
    "over the end of the week, 22, 6, SUN, SUN, MON, 3, true",
    "until midnight, 22, 0, MON, FRI, FRI, 23, true",
    "not past midnight, 22, 0, MON, FRI, SAT, 0, false",
    "P3, 0, 24, SAT, SUN, SUN, 23, true"
  })
  void holdsAtItsHours(
      String id,
      int startHour,
      int endHour,
      Weekday firstDay,
      Weekday lastDay,
      Weekday day,
      int hour,
      boolean holds) {
    Profile profile =
        new Profile("p", startHour, endHour, EnumSet.range(firstDay, lastDay), NOTHING);

    assertThat(Profile.active(List.of(profile), day, hour)).isEqualTo(holds ? profile : null);
  }

  @Test
  void p4TheFirstOfTwoCounts() {
    Profile first = new Profile("first", 8, 20, WORKDAYS, NOTHING);
    Profile second = new Profile("second", 9, 18, WORKDAYS, NOTHING);

    assertThat(Profile.active(List.of(first, second), WED, 10)).isSameAs(first);
    assertThat(Profile.active(List.of(second, first), WED, 10)).isSameAs(second);
    assertThat(Profile.active(List.of(second, first), WED, 8)).isSameAs(first);
    assertThat(Profile.active(List.of(), WED, 8)).isNull();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          name must not be empty                                                             | ''    |  9 | 18 |    - |    - |    -
          name must not be empty                                                             | ' '   |  9 | 18 |    - |    - |    -
          start_hour must be between 0 and 23, is 24                                         | night | 24 |  6 |    - |    - |    -
          start_hour must be between 0 and 23, is -1                                         | night | -1 |  6 |    - |    - |    -
          end_hour must be between 0 and 24, is 25                                           | night | 22 | 25 |    - |    - |    -
          start_hour and end_hour must differ, both are 7; a whole day is 0 to 24            | night |  7 |  7 |    - |    - |    -
          max_size must be between 2 and 2147483647, is 1                                    | night |  9 | 18 |    1 |    - |    -
          threshold must be between 1 and 1000, is 0                                         | night |  9 | 18 |    - |    0 |    -
          threshold must be between 1 and 1000, is 1001                                      | night |  9 | 18 |    - | 1001 |    -
          min_size must be between 2 and 2147483647, is 0                                    | night |  9 | 18 |    - |    - |    0
          """)
  void p4RefusesWhatCannotBeMeant(
      String rule,
      String name,
      int startHour,
      int endHour,
      @Nullable Integer maxMb,
      @Nullable Integer threshold,
      @Nullable Integer minSizeMb) {
    Overrides overrides = new Overrides(maxMb, threshold, null, minSizeMb, null);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Profile(name, startHour, endHour, WORKDAYS, overrides))
        .withMessage("profile \"" + name + "\": " + rule);
  }

  @Test
  void refusesNoDays() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Profile("night", 22, 6, Set.of(), NOTHING))
        .withMessage("profile \"night\": days must not be empty");
  }

  @Test
  void refusesTwoOfOneName() {
    Profile night = new Profile("night", 22, 6, WORKDAYS, NOTHING);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Profile.checked(List.of(night, night)))
        .withMessage("profile \"night\": name is used twice");
  }

  @Test
  void refusesMoreThanThirtyTwo() {
    List<Profile> profiles = new ArrayList<>();
    for (int i = 1; i <= 32; i++) {
      profiles.add(new Profile("p" + i, 9, 18, WORKDAYS, NOTHING));
    }
    assertThat(Profile.checked(profiles)).isEqualTo(profiles);
    profiles.add(new Profile("p33", 9, 18, WORKDAYS, NOTHING));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Profile.checked(profiles))
        .withMessage("there must be at most 32 profiles, there are 33");
  }

  @Test
  void p5ALargerCeilingHoldsForTheDecision() {
    Scenario scenario = scenario().size(4096).delta(3);
    Policy policy =
        profile(new Overrides(32768, null, null, null, null)).applyTo(scenario.policy());

    Decision decision = Driver.step(scenario.end(), policy, null, scenario.started()).decision();

    assertThat(((Decision.Resize) decision).change().toMb()).isEqualTo(16384);
  }

  @Test
  void p6AHigherThresholdHoldsForTheDecision() {
    Scenario scenario = scenario().delta(4);
    Policy policy = profile(new Overrides(null, 5, null, null, null)).applyTo(scenario.policy());

    assertThat(Driver.step(scenario.end(), policy, null, scenario.started()).decision())
        .isInstanceOf(Decision.Quiet.class);
  }

  @Test
  void p7AfterALargerCeilingSizesShrinkInTheUsualWay() {
    Scenario scenario = scenario().size(16384);

    assertThat(scenario.delta(3).decision()).isInstanceOf(Decision.AlreadyThere.class);
    assertThat(scenario.delta(0).decision()).isInstanceOf(Decision.Quiet.class);
    assertThat(((Decision.Resize) scenario.quiet(4).decision()).change().toMb()).isEqualTo(12288);
  }

  @Test
  void overridesNothingElse() {
    Policy base = scenario().policy();

    assertThat(profile(NOTHING).applyTo(base)).isEqualTo(base);
    assertThat(profile(new Overrides(8192, 7, false, 512, true)).applyTo(base))
        .isEqualTo(
            scenario().ceiling(8192).threshold(7).minSize(512).withoutShrink().trial().policy());
  }

  @Test
  void mayEndADryRunButNeverAdvice() {
    Policy dryRun = scenario().trial().policy();
    Profile real = profile(new Overrides(null, null, null, null, false));

    assertThat(real.applyTo(dryRun).trial()).isTrue();
    assertThat(real.applyTo(dryRun, /* advising= */ true).trial()).isTrue();
    assertThat(real.applyTo(dryRun, /* advising= */ false).trial()).isFalse();
  }

  @Test
  void keepsItsDaysToItself() {
    Set<Weekday> days = EnumSet.of(SAT, SUN);
    Profile profile = new Profile("weekend", 0, 24, days, NOTHING);

    days.clear();

    assertThat(profile.days()).containsExactlyInAnyOrder(SAT, SUN);
  }

  private static Profile profile(Overrides overrides) {
    return new Profile("p", 0, 24, WORKDAYS, overrides);
  }
}
