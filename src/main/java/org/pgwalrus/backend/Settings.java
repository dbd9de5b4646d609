package org.pgwalrus.backend;

import java.util.List;
import org.pgwalrus.backend.Setting.About;
import org.pgwalrus.backend.Setting.Bool;
import org.pgwalrus.backend.Setting.Check;
import org.pgwalrus.backend.Setting.Choice;
import org.pgwalrus.backend.Setting.Int;
import org.pgwalrus.backend.Setting.Text;
import org.pgwalrus.backend.Setting.Unit;

/**
 * The settings that decide what the worker is and what it watches, and the list of all. To add a
 * setting, declare it here or in the class of its subject and list it in {@link #ALL}.
 */
public final class Settings {

  /** The prefixes that the server reserves for us. */
  public static final List<String> PREFIXES = List.of("walrus", "steep_repl");

  /** {@code walrus.enable}. */
  public static final Bool ENABLE =
      new Bool(
          About.sighup(
              "walrus.enable",
              "Lets pg_walrus size max_wal_size.",
              "When off, the worker sleeps and decides nothing; switching it on starts a new"
                  + " baseline."),
          true);

  /** {@code walrus.max}, MB. */
  public static final Int MAX =
      new Int(
          About.sighup(
              "walrus.max",
              "The size above which max_wal_size is never raised.",
              "Less where the disk or the recovery target sets a lower limit. A max_wal_size that"
                  + " is already larger is left alone."),
          4096,
          2,
          Integer.MAX_VALUE,
          Unit.MB);

  /** {@code walrus.threshold}, forced checkpoints per {@code checkpoint_timeout}. */
  public static final Int THRESHOLD =
      new Int(
          About.sighup(
              "walrus.threshold",
              "Forced checkpoints per checkpoint_timeout from which max_wal_size is raised.",
              "Fewer than this many in an interval count as quiet."),
          2,
          1,
          1000,
          Unit.NONE);

  /** {@code walrus.count_mode}: {@code wal} or {@code requested}. */
  public static final Choice COUNT_MODE =
      new Choice(
          About.sighup(
              "walrus.count_mode",
              "Which requested checkpoints count as forced by WAL volume.",
              "wal counts no more than the WAL written can explain, so that manual checkpoints and"
                  + " backups do not count; requested takes the server's counter as it is."),
          List.of("wal", "requested"));

  /** {@code walrus.sample_interval_sec}, seconds. */
  public static final Int SAMPLE_INTERVAL =
      new Int(
          About.sighup(
              "walrus.sample_interval_sec",
              "Seconds between two looks at the checkpoint counters and the WAL position.",
              "Decisions are taken once per checkpoint_timeout, or at a sample that shows a storm."),
          10,
          1,
          300,
          Unit.NONE);

  /** {@code walrus.database}. */
  public static final Text DATABASE =
      new Text(
          About.postmaster(
              "walrus.database",
              "The database that the worker connects to.",
              "It holds the history, and it must exist; otherwise the worker ends and tries again."),
          "postgres",
          Check.NONE);

  /** {@code walrus.libjvm}, a path. */
  public static final Text LIBJVM =
      new Text(
          About.postmaster(
              "walrus.libjvm",
              "The JVM library to load, of JDK 25 or later.",
              "When empty: JAVA_HOME in the server's environment, then the JDK of the build, then"
                  + " the JDKs in /usr/lib/jvm."),
          "",
          Check.NONE);

  /** {@code walrus.classpath}, a path. */
  public static final Text CLASSPATH =
      new Text(
          About.postmaster(
              "walrus.classpath",
              "The jar to run, and behind it what else belongs on the class path.",
              "When empty, the jar that was installed with the library."),
          "",
          Check.NONE);

  /** {@code walrus.jvm_options}. */
  public static final Text JVM_OPTIONS =
      new Text(
          About.postmaster(
              "walrus.jvm_options",
              "More options for the JVM, separated by spaces.",
              "They come after the fixed ones. The worker logs them when the JVM starts."),
          "",
          Check.NONE);

  /** Every setting, in the order of registration. */
  public static final List<Setting> ALL =
      List.of(
          ENABLE,
          MAX,
          THRESHOLD,
          COUNT_MODE,
          SAMPLE_INTERVAL,
          GrowthSettings.ALGORITHM,
          GrowthSettings.ADDITIVE_INCREMENT,
          GrowthSettings.EMA_ALPHA,
          GrowthSettings.TARGET_PERCENTILE,
          GrowthSettings.HEADROOM,
          GrowthSettings.EARLY_REACTION,
          GrowthSettings.PROACTIVE_SIZING,
          ShrinkSettings.ENABLE,
          ShrinkSettings.FACTOR,
          ShrinkSettings.INTERVALS,
          ShrinkSettings.MIN_SIZE,
          LimitSettings.COOLDOWN,
          LimitSettings.MAX_CHANGES_PER_HOUR,
          LimitSettings.DISK_RESERVE,
          LimitSettings.RECOVERY_TARGET,
          LimitSettings.REPLAY_RATE,
          OperationSettings.DRY_RUN,
          OperationSettings.APPLY_MODE,
          OperationSettings.PROFILES,
          OperationSettings.PROFILE_TIMEZONE,
          OperationSettings.HISTORY_RETENTION,
          OperationSettings.NOTIFY_CHANNEL,
          OperationSettings.NOTIFY_DRY_RUN,
          DATABASE,
          LIBJVM,
          CLASSPATH,
          JVM_OPTIONS,
          JobSettings.MAX_OPERATIONS,
          JobSettings.MAX_CONCURRENT_OPERATIONS,
          JobSettings.NAPTIME,
          JobSettings.DISCOVERY_INTERVAL,
          JobSettings.PROGRESS_PERSIST_INTERVAL,
          JobSettings.NOTIFY_MIN_INTERVAL,
          JobSettings.STALE_AFTER,
          JobSettings.NODE_ID,
          JobSettings.SNAPSHOT_DIRECTORY,
          JobSettings.EXPIRED_SNAPSHOTS,
          JobSettings.MAX_PARALLEL,
          JobSettings.REGISTRATION,
          JobSettings.JOB_HEAP,
          JobSettings.JVM_OPTIONS);

  private Settings() {}
}
