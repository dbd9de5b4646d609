package org.pgwalrus.worker;

import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.sizing.Policy;

/** Warns of settings that are legal one by one and yet cannot be followed. */
final class SettingsCheck {

  private final Server server;
  private int reportedMaxMb;

  SettingsCheck(Server server) {
    this.server = server;
  }

  /** Says it once for each value. */
  void warn() {
    int maxMb = server.get(Settings.MAX);
    int usedMb = Policy.ceilingMb(maxMb, server.walSegmentMb());
    if (maxMb < usedMb && maxMb != reportedMaxMb) {
      server.report(
          Level.WARNING,
          "pg_walrus: walrus.max of "
              + maxMb
              + " MB is below two WAL segments; using "
              + usedMb
              + " MB",
          "",
          "Set walrus.max to a size that max_wal_size may have.");
    }
    reportedMaxMb = maxMb;
  }
}
