package org.pgwalrus.worker;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.LocalTime;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.Profile;
import org.pgwalrus.sizing.Weekday;

/** The profiles in use, and the one in force. */
final class Profiles {

  private static final String BASE = "(base)";

  /** Weekdays as the server counts them. */
  private static final Weekday[] FROM_SUNDAY = {
    Weekday.SUN, Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI, Weekday.SAT
  };

  private final Server server;
  private final ServerLog log;
  private final Events events;
  private final ProfileReader reader;
  private List<Profile> profiles = List.of();
  private String text = "";
  private String active = "";

  /** Without any; what a worker before this one has shown may hold no longer. */
  Profiles(Server server, Events events) {
    this.server = server;
    this.log = new ServerLog(server);
    this.events = events;
    this.reader = new ProfileReader(server);
    server.state().set(StateField.ACTIVE_PROFILE, active);
    server.state().set(StateField.PROFILE_ERROR, "");
  }

  /** Follows a change of the setting; what cannot be used leaves the last good set in force. */
  void refresh() {
    String now = server.get(OperationSettings.PROFILES);
    if (now.equals(text)) {
      return;
    }
    text = now;
    String problem = "";
    try {
      profiles = now.isEmpty() ? List.of() : reader.read();
    } catch (IllegalArgumentException e) {
      problem = String.valueOf(e.getMessage());
      log.warn(
          "walrus.profiles cannot be used: " + problem, "The last good set stays in force.", "");
    }
    server.state().set(StateField.PROFILE_ERROR, problem);
  }

  /** The policy with what the profile of the hour changes. */
  Policy applyTo(Policy base) {
    Profile profile = current();
    follow(profile == null ? "" : profile.name());
    return profile == null ? base : profile.applyTo(base, /* advising= */ false);
  }

  /** The name of the profile in force, empty for none. */
  String active() {
    return active;
  }

  private @Nullable Profile current() {
    if (profiles.isEmpty()) {
      return null;
    }
    LocalTime now = server.localTime(server.get(OperationSettings.PROFILE_TIMEZONE));
    return Profile.active(profiles, FROM_SUNDAY[now.dayOfWeek()], now.hour());
  }

  private void follow(String name) {
    if (name.equals(active)) {
      return;
    }
    String from = active.isEmpty() ? BASE : active;
    String to = name.isEmpty() ? BASE : name;
    active = name;
    server.state().set(StateField.ACTIVE_PROFILE, name);
    log.log("active profile changed from \"" + from + "\" to \"" + to + "\"", "");
    events.send("profile_changed", new Json().put("from", from).put("to", to));
  }
}
