package org.pgwalrus.backend;

import java.util.Locale;

/**
 * The fields of the shared state: what the worker publishes for SQL functions and finds again when
 * it is restarted.
 */
public enum StateField {
  /** Process id of the worker, 0 when there is none. */
  WORKER_PID(CType.INT),
  WORKER_START(CType.TIMESTAMP),
  /** How often a worker has started since the shared memory was made. */
  GENERATION(CType.LONG),
  /** {@code off}, {@code starting}, {@code ready} or {@code failed: reason}. */
  ENGINE(CType.TEXT),
  /** Whether a JVM that used the cache gave up while it started. */
  CACHE_SUSPECT(CType.BOOL),
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
  TOTAL_ADJUSTMENTS(CType.LONG),
  TOTAL_INCREASES(CType.LONG),
  /** Increases that {@code walrus.max} limited. */
  TOTAL_CAPPED(CType.LONG),
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
  PENDING_SIZE_MB(CType.INT),
  /** Why a size that was written has no effect; empty when nothing is wrong. */
  APPLY_BLOCKED(CType.TEXT);

  private final CType type;

  StateField(CType type) {
    this.type = type;
  }

  /** The type in C. */
  public CType type() {
    return type;
  }

  /** The name in C and in JSON. */
  public String cName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
