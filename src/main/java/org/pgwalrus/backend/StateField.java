package org.pgwalrus.backend;

import org.jspecify.annotations.Nullable;

/**
 * The fields of the shared state: what the worker publishes for SQL functions and finds again when
 * it is restarted. Zeros and empty texts are what it begins with.
 */
public enum StateField implements SharedField {
  /** Process id of the worker, 0 when there is none. */
  WORKER_PID(CType.INT, Life.SERVER),
  WORKER_START(CType.TIMESTAMP, Life.SERVER),
  /** How often a worker has started since the shared memory was made. */
  GENERATION(CType.LONG, Life.SERVER),
  /** {@code off}, {@code starting}, {@code ready} or {@code failed: reason}. */
  ENGINE(CType.TEXT, 256, Life.SERVER),
  /** Whether a JVM that used the cache gave up while it started. */
  CACHE_SUSPECT(CType.BOOL, Life.SERVER),
  /** Whether {@code walrus.release()} has handed the size back until the next start. */
  RELEASED(CType.BOOL, Life.SERVER),
  /** Cycles that ended in a Java exception. */
  ENGINE_FAILURES(CType.LONG),
  BASELINE_VALID(CType.BOOL),
  /** The server's counters at the last sample. */
  REQUESTED_CHECKPOINTS(CType.LONG),
  TIMED_CHECKPOINTS(CType.LONG),
  /** The requested counter at the start of the running interval. */
  REQUESTED_BASE(CType.LONG),
  QUIET_INTERVALS(CType.INT),
  SAMPLES(CType.LONG),
  /** Decisions taken. */
  ANALYSIS_CYCLES(CType.LONG),
  /** Of these, those that early reaction or proactive sizing took before their time. */
  EARLY_DECISIONS(CType.LONG),
  TOTAL_ADJUSTMENTS(CType.LONG),
  TOTAL_INCREASES(CType.LONG),
  TOTAL_DECREASES(CType.LONG),
  /** Increases that {@code walrus.max} limited. */
  TOTAL_CAPPED(CType.LONG),
  /** Changes that the cooldown put off. */
  TOTAL_SKIPPED_COOLDOWN(CType.LONG),
  /** Changes that the hourly limit put off. */
  TOTAL_SKIPPED_HOURLY_LIMIT(CType.LONG),
  /** Changes that were only tried or advised. */
  TOTAL_DRY_RUN(CType.LONG),
  APPLY_FAILURES(CType.LONG),
  /** Reloads that the worker asked for. */
  SELF_RELOADS(CType.LONG),
  LAST_CHECK_TIME(CType.TIMESTAMP),
  LAST_ADJUSTMENT_TIME(CType.TIMESTAMP),
  /** Forced checkpoints of the last decided interval. */
  LAST_FORCED_CHECKPOINTS(CType.LONG),
  LAST_WAL_MB(CType.LONG),
  /** WAL volume that forces a checkpoint at the present size, MB. */
  TRIGGER_DISTANCE_MB(CType.INT),
  CURRENT_SIZE_MB(CType.INT),
  /** A size that was written and is not yet seen in effect, MB; 0 when there is none. */
  PENDING_SIZE_MB(CType.INT, Life.SERVER),
  /** Why a size that was written has no effect; empty when nothing is wrong. */
  APPLY_BLOCKED(CType.TEXT, 256, Life.SERVER),
  /** The size that the last decision came to, MB; the present one where it came to none. */
  CURRENT_RECOMMENDATION_MB(CType.INT),
  /** The size that the measured WAL rate needs, MB; 0 while too little is measured. */
  RECOMMENDED_FLOOR_MB(CType.INT),
  /** The largest size that the disk allows, MB, 1 at least; 0 when nobody has looked. */
  DISK_CAP_MB(CType.LONG),
  /** What limited the last decision: {@code none}, {@code walrus.max}, {@code disk} and so on. */
  LIMITING_FACTOR(CType.TEXT, 32, Life.RESET),
  /** Share of full-page images in the WAL of the last decided interval, 0 to 1. */
  FPI_SHARE(CType.DOUBLE),
  /** WAL rate of the last sample step, MB a second. */
  WAL_RATE_MB_SEC(CType.DOUBLE),
  /** The moving average, MB a second; meaningful once there is a rate sample. */
  WAL_RATE_EMA(CType.DOUBLE),
  RATE_SAMPLE_COUNT(CType.INT),
  /** Mean WAL rates of decided intervals, MB a second, the oldest first. */
  RATE_SAMPLES(CType.DOUBLE, 100, RATE_SAMPLE_COUNT),
  /** When the cooldown began, whole seconds of the monotonic clock, rounded up; 0 for never. */
  LAST_APPLIED_SEC(CType.INT),
  APPLIED_COUNT(CType.INT),
  /** Automatic changes of the last hour, seconds of the monotonic clock, the oldest first. */
  APPLIED_SEC(CType.INT, 1000, APPLIED_COUNT),
  /** The same three for what was only tried or advised. */
  LAST_TRIAL_SEC(CType.INT),
  TRIAL_COUNT(CType.INT),
  TRIAL_SEC(CType.INT, 1000, TRIAL_COUNT),
  /** Rows of the history that could not be written yet. */
  HISTORY_PENDING(CType.INT, Life.SERVER),
  /** The profile in force, empty for none. */
  ACTIVE_PROFILE(CType.TEXT, 256, Life.SERVER),
  /** What is wrong with {@code walrus.profiles}. */
  PROFILE_ERROR(CType.TEXT, 256, Life.SERVER),
  /** Settings that cannot be followed: a JSON array of texts. */
  CONFIG_WARNINGS(CType.TEXT, 1024, Life.SERVER),
  /** The last decision step by step: a JSON array of objects. */
  LAST_DECISION(CType.TEXT, 4096, Life.RESET);

  /** What ends a value. */
  public enum Life {
    /** It lasts as long as the shared memory, or until the worker says otherwise. */
    SERVER,
    /** {@code walrus.reset()} clears it. */
    RESET
  }

  private final CType type;
  private final int length;
  private final Life life;
  private final @Nullable StateField count;

  StateField(CType type) {
    this(type, Life.RESET);
  }

  StateField(CType type, Life life) {
    this(type, 1, life, null);
  }

  StateField(CType type, int length, Life life) {
    this(type, length, life, null);
  }

  StateField(CType type, int length, StateField count) {
    this(type, length, Life.RESET, count);
  }

  StateField(CType type, int length, Life life, @Nullable StateField count) {
    this.type = type;
    this.length = length;
    this.life = life;
    this.count = count;
  }

  @Override
  public CType type() {
    return type;
  }

  @Override
  public int length() {
    return length;
  }

  /** What ends the value. */
  public Life life() {
    return life;
  }

  @Override
  public @Nullable StateField count() {
    return count;
  }
}
