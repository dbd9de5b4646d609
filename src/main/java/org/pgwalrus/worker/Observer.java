package org.pgwalrus.worker;

import org.pgwalrus.backend.CheckpointerStats;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.WalPosition;
import org.pgwalrus.sizing.Sample;

/** Looks at the server: cheaply, for it happens at every sample. */
final class Observer {

  private final Server server;
  private final PolicyReader policies;
  private final Profiles profiles;

  Observer(Server server, PolicyReader policies, Profiles profiles) {
    this.server = server;
    this.policies = policies;
    this.profiles = profiles;
  }

  /** The server now. */
  Look look(long nowNanos) {
    // The counter after the positions: a checkpoint in between is then counted rather than missed.
    WalPosition wal = server.walPosition();
    CheckpointerStats stats = server.checkpointerStats();
    return new Look(
        nowNanos,
        wal,
        stats,
        sample(nowNanos, wal, stats),
        profiles.applyTo(policies.policy()),
        profiles.active());
  }

  /** The same moment under the settings that are in force now. */
  Look underSettingsNow(Look seen) {
    policies.refresh();
    return seen.under(profiles.applyTo(policies.policy()));
  }

  private Sample sample(long nowNanos, WalPosition wal, CheckpointerStats stats) {
    return new Sample(
        Look.seconds(nowNanos),
        stats.requested(),
        stats.resetMicros(),
        wal.insertLsn(),
        wal.redoLsn(),
        server.maxWalSizeMb(),
        server.checkpointTimeoutSeconds(),
        server.checkpointCompletionTarget(),
        server.walSegmentMb());
  }
}
