package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.sizing.Block;
import org.pgwalrus.sizing.Change;
import org.pgwalrus.sizing.Change.Kind;
import org.pgwalrus.sizing.Evidence;
import org.pgwalrus.sizing.Trigger;

/** Makes history rows of decisions: action, reason and metadata. */
final class HistoryRows {

  /** The event of a change. */
  static final String ADJUSTMENT = "adjustment";

  /** The action and the event of what was only tried or advised. */
  static final String DRY_RUN = "dry_run";

  private static final String SKIPPED = "skipped";

  private HistoryRows() {}

  /** A change that was made. */
  static HistoryRow applied(Change change, Evidence evidence, Circumstances now) {
    return row(
        change,
        evidence,
        now,
        change.kind().text(),
        reason(change),
        numbers(change, evidence, now),
        ADJUSTMENT);
  }

  /** A change that would have been made. */
  static HistoryRow trial(Change change, Evidence evidence, Circumstances now) {
    Json metadata = onlyTold(numbers(change, evidence, now), change, now);
    return row(change, evidence, now, DRY_RUN, shortReason(change), metadata, DRY_RUN);
  }

  /** A change that the rate limit put off. */
  static HistoryRow skipped(Change change, Block block, Evidence evidence, Circumstances now) {
    Json metadata = numbers(change, evidence, now);
    if (block.cause() == Block.Cause.COOLDOWN) {
      metadata
          .put("blocked_by", "cooldown")
          .put("cooldown_sec", now.policy().rateLimit().cooldownSeconds())
          .put("cooldown_remaining_sec", block.remainingSeconds())
          .put("last_adjustment_time", now.lastAdjustmentEpoch());
    } else {
      metadata
          .put("blocked_by", "hourly_limit")
          .put("max_changes_per_hour", now.policy().rateLimit().changesPerHour())
          .put("changes_this_hour", block.changesThisHour())
          .put("hour_window_start", now.epoch(block.hourWindowStart()));
    }
    return row(change, evidence, now, SKIPPED, block.reason(), metadata, "");
  }

  /** A change that somebody asked for, with the reason that the recommendation gave. */
  static HistoryRow manual(
      Change change, Evidence evidence, Circumstances now, String reason, Json more, boolean made) {
    Json metadata = numbers(change, evidence, now).merge(more);
    if (made) {
      return row(change, evidence, now, change.kind().text(), reason, metadata, ADJUSTMENT);
    }
    return row(change, evidence, now, DRY_RUN, reason, onlyTold(metadata, change, now), DRY_RUN);
  }

  private static Json onlyTold(Json metadata, Change change, Circumstances now) {
    metadata.put("dry_run", true).put("would_apply", change.kind().text());
    return now.advised() ? metadata.put("advised", true) : metadata;
  }

  /** A size that no interval led to: handed back, or taken over from the old primary. */
  static HistoryRow without(
      int fromMb, int toMb, String reason, String source, Json more, Circumstances now) {
    Json metadata = new Json().put("source", source).put("timeline", now.timeline()).merge(more);
    String action = toMb < fromMb ? Kind.DECREASE.text() : Kind.INCREASE.text();
    return new HistoryRow(
        action,
        fromMb,
        toMb,
        reason,
        metadata,
        ADJUSTMENT,
        0,
        now.timeoutSeconds(),
        now.wallMicros());
  }

  private static HistoryRow row(
      Change change,
      Evidence evidence,
      Circumstances now,
      String action,
      String reason,
      Json metadata,
      String event) {
    return new HistoryRow(
        action,
        change.fromMb(),
        change.toMb(),
        reason,
        metadata,
        event,
        evidence.delta(),
        now.timeoutSeconds(),
        now.wallMicros());
  }

  private static Json numbers(Change change, Evidence evidence, Circumstances now) {
    double percent = now.policy().rates().targetPercentile();
    Json json = new Json().put("calculated_size_mb", change.calculatedMb());
    if (change.kind() == Kind.DECREASE) {
      json.put("shrink_factor", now.policy().shrink().factor())
          .put("quiet_intervals", change.quietIntervals());
    } else {
      json.put("delta", evidence.delta()).put("multiplier", evidence.delta() + 1);
    }
    if (change.kind() == Kind.CAPPED) {
      json.put("walrus_max_mb", now.policy().maxMb());
    }
    return json.put("algorithm", PolicyReader.value(change.algorithm()))
        .put("trigger", change.trigger().text())
        .put("requested_delta", evidence.rawDelta())
        .put("requested_total", now.requestedTotal())
        .put("wal_mb", evidence.walMb())
        .put("trigger_distance_mb", evidence.triggerDistanceMb())
        .put("elapsed_sec", evidence.elapsedSeconds())
        .put("profile", now.profile())
        .put("limited_by", change.limitedBy().text())
        .put("fpi_share", now.fpiShare())
        .put("rate_samples", now.rates().count())
        .put("rate_ema_mb_sec", now.rates().ema())
        .put("rate_percentile_mb_sec", now.rates().percentile(percent))
        .put("timeline", now.timeline());
  }

  private static @Nullable String proactive(Change change, String text) {
    return change.trigger() == Trigger.PROACTIVE ? text : null;
  }

  private static String reason(Change change) {
    String proactive = proactive(change, "proactive: projected WAL exceeds trigger distance");
    if (proactive != null) {
      return proactive;
    }
    return switch (change.kind()) {
      case INCREASE -> "Forced checkpoints exceeded threshold";
      case CAPPED -> "Calculated size exceeded walrus.max";
      case DECREASE -> "Sustained low checkpoint activity";
    };
  }

  /** The reason as the log line of a dry run has it. */
  static String shortReason(Change change) {
    String proactive = proactive(change, "projected WAL rate");
    if (proactive != null) {
      return proactive;
    }
    return switch (change.kind()) {
      case INCREASE -> "threshold exceeded";
      case CAPPED -> "capped at walrus.max";
      case DECREASE -> "sustained low activity";
    };
  }
}
