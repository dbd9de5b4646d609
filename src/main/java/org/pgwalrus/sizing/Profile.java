package org.pgwalrus.sizing;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settings that hold at certain hours of certain days. A window whose start is after its end spans
 * midnight, and its days are those on which it starts.
 *
 * @param name unique among the profiles
 * @param startHour the first hour, 0 to 23
 * @param endHour the hour before which it ends, 0 to 24, other than the first
 * @param days on which it starts, at least one
 * @param overrides what it sets
 */
public record Profile(
    String name, int startHour, int endHour, Set<Weekday> days, Overrides overrides) {

  private static final int MOST = 32;

  /**
   * What a profile sets; null leaves a setting as it is.
   *
   * @param maxMb for {@link Policy#maxMb}
   * @param threshold for {@link Policy#threshold}, 1 to 1000
   * @param shrinkEnabled for {@link ShrinkPolicy#enabled}
   * @param minSizeMb for {@link ShrinkPolicy#minSizeMb}
   * @param dryRun for {@link Policy#trial}
   */
  public record Overrides(
      @Nullable Integer maxMb,
      @Nullable Integer threshold,
      @Nullable Boolean shrinkEnabled,
      @Nullable Integer minSizeMb,
      @Nullable Boolean dryRun) {}

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException naming profile and field, if a value is out of range
   */
  public Profile {
    ProfileCheck check = new ProfileCheck(name);
    check.that(!name.isBlank(), "name must not be empty");
    check.range("start_hour", startHour, 0, 23);
    check.range("end_hour", endHour, 0, 24);
    check.that(
        startHour != endHour,
        "start_hour and end_hour must differ, both are " + startHour + "; a whole day is 0 to 24");
    check.that(!days.isEmpty(), "days must not be empty");
    check.megabytes("max_size", overrides.maxMb);
    check.range("threshold", overrides.threshold, 1, 1000);
    check.megabytes("min_size", overrides.minSizeMb);
    days = Set.copyOf(days);
  }

  /**
   * The profiles, if they can be used together.
   *
   * @throws IllegalArgumentException if there are too many or two share a name
   */
  public static List<Profile> checked(List<Profile> profiles) {
    if (profiles.size() > MOST) {
      throw new IllegalArgumentException(
          "there must be at most " + MOST + " profiles, there are " + profiles.size());
    }
    Set<String> names = new HashSet<>();
    for (Profile profile : profiles) {
      new ProfileCheck(profile.name).that(names.add(profile.name), "name is used twice");
    }
    return List.copyOf(profiles);
  }

  /** The first that holds at this local time, or null. */
  public static @Nullable Profile active(List<Profile> profiles, Weekday day, int hour) {
    for (Profile profile : profiles) {
      if (profile.holds(day, hour)) {
        return profile;
      }
    }
    return null;
  }

  private boolean holds(Weekday day, int hour) {
    if (startHour < endHour) {
      return days.contains(day) && startHour <= hour && hour < endHour;
    }
    return (days.contains(day) && hour >= startHour)
        || (days.contains(day.previous()) && hour < endHour);
  }

  /** The policy under this profile; it can begin a trial, but not end one. */
  public Policy applyTo(Policy base) {
    return applyTo(base, base.trial());
  }

  /**
   * The policy under this profile.
   *
   * @param base the settings
   * @param advising whether changes are only ever advised, which no profile's dry run can alter
   */
  public Policy applyTo(Policy base, boolean advising) {
    ShrinkPolicy shrink = base.shrink();
    return new Policy(
        or(overrides.maxMb, base.maxMb()),
        or(overrides.threshold, base.threshold()),
        base.countMode(),
        base.growth(),
        new ShrinkPolicy(
            or(overrides.shrinkEnabled, shrink.enabled()),
            shrink.factor(),
            shrink.intervals(),
            or(overrides.minSizeMb, shrink.minSizeMb())),
        base.rates(),
        base.rateLimit(),
        base.caps(),
        advising || or(overrides.dryRun, base.trial()));
  }

  private static <T> T or(@Nullable T override, T base) {
    return override == null ? base : override;
  }
}
