package org.pgwalrus.backend;

import org.pgwalrus.backend.Setting.About;
import org.pgwalrus.backend.Setting.Check;
import org.pgwalrus.backend.Setting.Int;
import org.pgwalrus.backend.Setting.Real;
import org.pgwalrus.backend.Setting.Unit;

/** How often the size may change, and what growth must leave free. */
public final class LimitSettings {

  /** {@code walrus.cooldown_sec}, seconds. */
  public static final Int COOLDOWN =
      new Int(
          About.sighup(
              "walrus.cooldown_sec",
              "Seconds that must pass between two automatic changes.",
              "0 lets them follow each other at once."),
          300,
          0,
          86_400,
          Unit.NONE);

  /** {@code walrus.max_changes_per_hour}. */
  public static final Int MAX_CHANGES_PER_HOUR =
      new Int(
          About.sighup(
              "walrus.max_changes_per_hour",
              "Automatic changes within any 3600 seconds.",
              "0 allows none at all; walrus.analyze(apply := true) still works."),
          4,
          0,
          1000,
          Unit.NONE);

  /** {@code walrus.disk_reserve_pct}, percent. */
  public static final Real DISK_RESERVE =
      new Real(
          About.sighup(
              "walrus.disk_reserve_pct",
              "The share of the file system of pg_wal, in percent, that growth leaves free.",
              "WAL that replication slots, failed archiving or wal_keep_size keep is taken off as"
                  + " well. 0 looks at no disk."),
          20,
          0,
          90,
          Check.NONE);

  /** {@code walrus.recovery_target_sec}, seconds. */
  public static final Int RECOVERY_TARGET =
      new Int(
          About.sighup(
              "walrus.recovery_target_sec",
              "Seconds that crash recovery may take; limits the size.",
              "0 sets no such limit. The estimate is max_wal_size divided by"
                  + " walrus.replay_rate_mb_sec."),
          0,
          0,
          86_400,
          Unit.NONE);

  /** {@code walrus.replay_rate_mb_sec}, MB a second. */
  public static final Int REPLAY_RATE =
      new Int(
          About.sighup(
              "walrus.replay_rate_mb_sec",
              "MB of WAL that crash recovery replays in a second.",
              "Used with walrus.recovery_target_sec."),
          100,
          1,
          100_000,
          Unit.NONE);

  private LimitSettings() {}
}
