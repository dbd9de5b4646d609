package org.pgwalrus.backend;

import static org.pgwalrus.backend.Setting.Context.POSTMASTER;
import static org.pgwalrus.backend.Setting.Context.SIGHUP;

import java.util.List;
import org.pgwalrus.backend.Setting.About;
import org.pgwalrus.backend.Setting.Bool;
import org.pgwalrus.backend.Setting.Choice;
import org.pgwalrus.backend.Setting.Int;
import org.pgwalrus.backend.Setting.Text;
import org.pgwalrus.backend.Setting.Unit;

/** Every setting of the library. To add one, declare it and list it in {@link #ALL}. */
public final class Settings {

  /** The prefix that the server reserves for us. */
  public static final String PREFIX = "walrus";

  /** {@code walrus.enable}. */
  public static final Bool ENABLE =
      new Bool(
          sighup(
              "walrus.enable",
              "Lets pg_walrus size max_wal_size.",
              "When off, the worker sleeps and decides nothing; switching it on starts a new"
                  + " baseline."),
          true);

  /** {@code walrus.max}, MB. */
  public static final Int MAX =
      new Int(
          sighup(
              "walrus.max",
              "The size above which max_wal_size is never raised.",
              "Keep it below the free space of the file system that holds pg_wal. A max_wal_size"
                  + " that is already larger is left alone."),
          4096,
          2,
          Integer.MAX_VALUE,
          Unit.MB);

  /** {@code walrus.threshold}, forced checkpoints per {@code checkpoint_timeout}. */
  public static final Int THRESHOLD =
      new Int(
          sighup(
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
          sighup(
              "walrus.count_mode",
              "Which requested checkpoints count as forced by WAL volume.",
              "wal counts no more than the WAL written can explain, so that manual checkpoints and"
                  + " backups do not count; requested takes the server's counter as it is."),
          List.of("wal", "requested"));

  /** {@code walrus.sample_interval_sec}, seconds. */
  public static final Int SAMPLE_INTERVAL =
      new Int(
          sighup(
              "walrus.sample_interval_sec",
              "Seconds between two looks at the checkpoint counters and the WAL position.",
              "Decisions are still taken once per checkpoint_timeout."),
          10,
          1,
          300,
          Unit.NONE);

  /** {@code walrus.database}. */
  public static final Text DATABASE =
      new Text(
          postmaster(
              "walrus.database",
              "The database that the worker connects to.",
              "It must exist; otherwise the worker ends and tries again."),
          "postgres");

  /** {@code walrus.libjvm}, a path. */
  public static final Text LIBJVM =
      new Text(
          postmaster(
              "walrus.libjvm",
              "The JVM library to load, of JDK 25 or later.",
              "When empty: JAVA_HOME in the server's environment, then the JDK of the build, then"
                  + " the JDKs in /usr/lib/jvm."),
          "");

  /** {@code walrus.classpath}, a path. */
  public static final Text CLASSPATH =
      new Text(
          postmaster(
              "walrus.classpath",
              "The jar to run.",
              "When empty, the jar that was installed with the library."),
          "");

  /** {@code walrus.jvm_options}. */
  public static final Text JVM_OPTIONS =
      new Text(
          postmaster(
              "walrus.jvm_options",
              "More options for the JVM, separated by spaces.",
              "They come after the fixed ones. The worker logs them when the JVM starts."),
          "");

  /** Every setting, in the order of registration. */
  public static final List<Setting> ALL =
      List.of(
          ENABLE,
          MAX,
          THRESHOLD,
          COUNT_MODE,
          SAMPLE_INTERVAL,
          DATABASE,
          LIBJVM,
          CLASSPATH,
          JVM_OPTIONS);

  private Settings() {}

  private static About sighup(String name, String summary, String description) {
    return new About(name, SIGHUP, false, summary, description);
  }

  /** What is read at start decides what code runs in the server, so superusers alone see it. */
  private static About postmaster(String name, String summary, String description) {
    return new About(name, POSTMASTER, true, summary, description);
  }
}
