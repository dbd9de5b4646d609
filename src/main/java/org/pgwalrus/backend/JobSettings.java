package org.pgwalrus.backend;

import java.util.List;
import org.pgwalrus.backend.Setting.About;
import org.pgwalrus.backend.Setting.Check;
import org.pgwalrus.backend.Setting.Choice;
import org.pgwalrus.backend.Setting.Int;
import org.pgwalrus.backend.Setting.Text;
import org.pgwalrus.backend.Setting.Unit;

/** How jobs are started, limited, watched and run. */
public final class JobSettings {

  /** Slots for workers in shared memory. */
  private static final int MOST_OPERATIONS = 16;

  /** {@code steep_repl.max_operations}. */
  public static final Int MAX_OPERATIONS =
      new Int(
          About.sighup(
              "steep_repl.max_operations",
              "Jobs that run at once in the whole cluster.",
              "Further ones wait in their queues. Each needs one of max_worker_processes."),
          4,
          1,
          MOST_OPERATIONS,
          Unit.NONE);

  /** {@code steep_repl.max_concurrent_operations}. */
  public static final Int MAX_CONCURRENT_OPERATIONS =
      new Int(
          About.sighup(
              "steep_repl.max_concurrent_operations",
              "Jobs that run at once in one database.",
              "With 1 they run one after another, the oldest first."),
          1,
          1,
          MOST_OPERATIONS,
          Unit.NONE);

  /** {@code steep_repl.naptime}, seconds. */
  public static final Int NAPTIME =
      new Int(
          About.sighup(
              "steep_repl.naptime",
              "How long the launcher waits before it tries again what it could not do.",
              "Queued jobs wake it at once; this is for full worker tables and limits."),
          1,
          1,
          60,
          Unit.SECONDS);

  /** {@code steep_repl.discovery_interval}, seconds. */
  public static final Int DISCOVERY_INTERVAL =
      new Int(
          About.sighup(
              "steep_repl.discovery_interval",
              "How often the launcher looks which databases may run jobs, while jobs run.",
              "A database that was disabled or unregistered loses its jobs within this time."),
          10,
          1,
          3600,
          Unit.SECONDS);

  /** {@code steep_repl.progress_persist_interval}, seconds. */
  public static final Int PROGRESS_PERSIST_INTERVAL =
      new Int(
          About.sighup(
              "steep_repl.progress_persist_interval",
              "How often the progress of a running job is written to its table.",
              "A new phase and the end are written at once."),
          5,
          1,
          3600,
          Unit.SECONDS);

  /** {@code steep_repl.notify_min_interval}, milliseconds. */
  public static final Int NOTIFY_MIN_INTERVAL =
      new Int(
          About.sighup(
              "steep_repl.notify_min_interval",
              "The shortest time between two notifications of the progress of one job.",
              "A new phase and the end are told at once."),
          500,
          0,
          60_000,
          Unit.MILLISECONDS);

  /** {@code steep_repl.stale_after}, seconds. */
  public static final Int STALE_AFTER =
      new Int(
          About.sighup(
              "steep_repl.stale_after",
              "How old the sign of life of a job may be before its progress counts as stale.",
              "A worker gives one every few seconds, also within a long statement."),
          30,
          10,
          3600,
          Unit.SECONDS);

  /** {@code steep_repl.node_id}. */
  public static final Text NODE_ID =
      new Text(
          About.sighup(
              "steep_repl.node_id",
              "The node that this server is, in steep_repl.nodes.",
              "Functions take it where no node is given."),
          "",
          Check.NONE);

  /** {@code steep_repl.snapshot_directory}. */
  public static final Text SNAPSHOT_DIRECTORY =
      new Text(
          About.sighup(
              "steep_repl.snapshot_directory",
              "The directory below which all snapshots lie.",
              "Operators may use it without further rights. When empty, members of"
                  + " pg_write_server_files and pg_read_server_files may use any directory, and"
                  + " others none."),
          "",
          Check.NONE);

  /** {@code steep_repl.expired_snapshots}. */
  public static final Choice EXPIRED_SNAPSHOTS =
      new Choice(
          About.sighup(
              "steep_repl.expired_snapshots",
              "What becomes of the files of a snapshot that has expired.",
              "With remove a job of the role that has made the snapshot deletes it, with its files"
                  + " and its replication slot; with keep it is only marked."),
          List.of("keep", "remove"));

  /** {@code steep_repl.max_parallel}. */
  public static final Int MAX_PARALLEL =
      new Int(
          About.sighup(
              "steep_repl.max_parallel",
              "The most streams that a snapshot may ask for.",
              "Each needs one of max_worker_processes; a job takes fewer where there are none."),
          16,
          1,
          32,
          Unit.NONE);

  /** {@code steep_repl.registration}: {@code enabled} or {@code disabled}, and since when. */
  public static final Text REGISTRATION =
      new Text(
          About.superuser(
              "steep_repl.registration",
              "Whether a database may run jobs.",
              "Kept by ALTER DATABASE; steep_repl.register_db() and its like write it."),
          "",
          Check.NONE);

  /** {@code steep_repl.job_heap}, MB. */
  public static final Int JOB_HEAP =
      new Int(
          About.sighup(
              "steep_repl.job_heap",
              "The largest Java heap of a job.",
              "A job that needs more fails; the server does not notice."),
          256,
          32,
          65_536,
          Unit.MB);

  /** {@code steep_repl.jvm_options}. */
  public static final Text JVM_OPTIONS =
      new Text(
          About.postmaster(
              "steep_repl.jvm_options",
              "More options for the JVM of jobs, separated by spaces.",
              "They come after the fixed ones. A job worker logs them when its JVM starts."),
          "",
          Check.NONE);

  private JobSettings() {}
}
