package org.pgwalrus.worker;

import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Settings;

/** Warns of settings that are legal one by one and yet cannot be followed. */
final class SettingsCheck {

  /** PostgreSQL does not start with a {@code max_wal_size} of fewer segments. */
  private static final int LEAST_SEGMENTS = 2;

  private final Server server;
  private int reportedMaxMb;

  SettingsCheck(Server server) {
    this.server = server;
  }

  /** Says it once for each value. */
  void warn() {
    int maxMb = server.get(Settings.MAX);
    int leastMb = LEAST_SEGMENTS * server.walSegmentMb();
    if (maxMb < leastMb && maxMb != reportedMaxMb) {
      server.report(
          Level.WARNING,
          "pg_walrus: walrus.max of "
              + maxMb
              + " MB is below two WAL segments; using "
              + leastMb
              + " MB",
          "",
          "Set walrus.max to a size that max_wal_size may have.");
    }
    reportedMaxMb = maxMb;
  }
}
