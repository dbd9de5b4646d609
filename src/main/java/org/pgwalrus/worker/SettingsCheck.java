package org.pgwalrus.worker;

import java.util.ArrayList;
import java.util.List;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.ShrinkSettings;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Policy;

/** Warns of settings that are legal one by one and yet cannot be followed. */
final class SettingsCheck {

  private final Server server;
  private final ServerLog log;
  private List<String> reported = List.of();

  /** With nothing reported; what a worker before this one has shown may hold no longer. */
  SettingsCheck(Server server) {
    this.server = server;
    this.log = new ServerLog(server);
    server.state().set(StateField.CONFIG_WARNINGS, array(reported));
  }

  /** Says each warning once, until the settings behind it change. */
  void warn() {
    List<String> warnings = warnings();
    if (warnings.equals(reported)) {
      return;
    }
    for (String warning : warnings) {
      if (!reported.contains(warning)) {
        log.warn(warning, "", "");
      }
    }
    reported = warnings;
    server.state().set(StateField.CONFIG_WARNINGS, array(warnings));
  }

  private List<String> warnings() {
    int segmentMb = server.walSegmentMb();
    int maxMb = server.get(Settings.MAX);
    int minMb = server.get(ShrinkSettings.MIN_SIZE);
    int recycledMb = server.minWalSizeMb();
    int leastMb = Policy.ceilingMb(0, segmentMb);
    List<String> warnings = new ArrayList<>();
    if (maxMb < leastMb) {
      warnings.add(tooSmall("walrus.max", maxMb, leastMb));
    }
    if (minMb < leastMb) {
      warnings.add(tooSmall("walrus.min_size", minMb, leastMb));
    }
    if (minMb > maxMb) {
      warnings.add(
          "walrus.min_size of "
              + minMb
              + " MB is above walrus.max of "
              + maxMb
              + " MB; using walrus.max for both");
    }
    if (recycledMb > server.maxWalSizeMb()) {
      warnings.add(
          "min_wal_size of "
              + recycledMb
              + " MB is above max_wal_size; shrinking frees no disk space below it");
    }
    return warnings;
  }

  private static String tooSmall(String setting, int mb, int leastMb) {
    return setting + " of " + mb + " MB is below two WAL segments; using " + leastMb + " MB";
  }

  private static String array(List<String> texts) {
    StringBuilder out = new StringBuilder("[");
    for (String text : texts) {
      out.append(out.length() > 1 ? ", " : "");
      Json.quote(out, text);
    }
    return out.append(']').toString();
  }
}
