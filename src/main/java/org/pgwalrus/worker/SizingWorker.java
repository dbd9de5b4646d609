package org.pgwalrus.worker;

import org.pgwalrus.backend.CheckpointerStats;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.SharedState;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.backend.WalPosition;
import org.pgwalrus.sizing.CountMode;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Evidence;
import org.pgwalrus.sizing.Interval;
import org.pgwalrus.sizing.Outcome;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.Sample;
import org.pgwalrus.sizing.SizingEngine;
import org.pgwalrus.sizing.State;
import org.pgwalrus.sizing.TriggerDistance;

/**
 * The sizing cycle. A reload alone never starts a decision and never moves a deadline; it only
 * makes the cycle look at the settings and at what became of a size that was written.
 */
public final class SizingWorker {

  /** How long the worker waits when it has nothing to do until a reload, milliseconds. */
  static final long IDLE_MILLIS = 3_600_000;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Server server;
  private final SizeApplier applier;
  private final DecisionLog log;
  private final SettingsCheck settingsCheck;
  private State state = State.initial();
  private boolean enabled = true;
  private long nextSampleNanos;

  /** A worker that has seen nothing yet: its first cycle takes the baseline. */
  public SizingWorker(Server server) {
    this.server = server;
    this.applier = new SizeApplier(server);
    this.log = new DecisionLog(server);
    this.settingsCheck = new SettingsCheck(server);
    this.nextSampleNanos = server.monotonicNanos();
  }

  /** Runs what is due; returns the milliseconds until something is due again. */
  public long cycle(boolean reloaded) {
    long now = server.monotonicNanos();
    applier.verify(reloaded, now);
    if (!followSwitch(now)) {
      return IDLE_MILLIS;
    }
    settingsCheck.warn();
    if (now - nextSampleNanos >= 0) {
      takeSample(now);
      nextSampleNanos = now + nanosToNextSample(now);
    } else if (reloaded) {
      // A shorter interval may be in force now; a reload never puts a sample off.
      nextSampleNanos = Math.min(nextSampleNanos, now + nanosToNextSample(now));
    }
    return Math.max(1, (nextSampleNanos - server.monotonicNanos()) / NANOS_PER_MILLI);
  }

  /** Follows {@code walrus.enable}; what was measured before a pause is worth nothing after it. */
  private boolean followSwitch(long now) {
    boolean wanted = server.get(Settings.ENABLE);
    if (wanted != enabled) {
      enabled = wanted;
      state = state.withoutBaseline();
      nextSampleNanos = now;
      publishState();
      server.publishState();
      log.say(Level.LOG, wanted ? "sizing enabled" : "sizing disabled");
    }
    return enabled;
  }

  private void takeSample(long now) {
    WalPosition wal = server.walPosition();
    CheckpointerStats stats = server.checkpointerStats();
    Outcome outcome = SizingEngine.step(sample(now, wal, stats), policy(), state);
    state = outcome.state();
    log.explain(outcome.decision());
    if (outcome.decision() instanceof Decision.Grow grow) {
      applier.apply(grow, now, wal.wallMicros());
    }
    publish(outcome.decision(), wal, stats);
  }

  private Sample sample(long now, WalPosition wal, CheckpointerStats stats) {
    return new Sample(
        now / NANOS_PER_SECOND,
        stats.requested(),
        stats.resetMicros(),
        wal.insertLsn(),
        wal.redoLsn(),
        server.maxWalSizeMb(),
        server.checkpointTimeoutSeconds(),
        server.checkpointCompletionTarget(),
        server.walSegmentMb());
  }

  private Policy policy() {
    CountMode mode =
        server.get(Settings.COUNT_MODE).equals("wal") ? CountMode.WAL : CountMode.REQUESTED;
    return new Policy(server.get(Settings.MAX), server.get(Settings.THRESHOLD), mode);
  }

  /** The sample interval, or less where a decision is due before it ends. */
  private long nanosToNextSample(long now) {
    double seconds = server.get(Settings.SAMPLE_INTERVAL);
    Interval interval = state.interval();
    if (interval != null) {
      double untilDue =
          interval.deadline(server.checkpointTimeoutSeconds()) - now / NANOS_PER_SECOND;
      if (untilDue > 0) {
        seconds = Math.min(seconds, untilDue);
      }
    }
    return (long) (seconds * NANOS_PER_SECOND);
  }

  private void publish(Decision decision, WalPosition wal, CheckpointerStats stats) {
    SharedState shared = server.state();
    shared.increment(StateField.SAMPLES);
    shared.set(StateField.REQUESTED_CHECKPOINTS, stats.requested());
    shared.set(StateField.TIMED_CHECKPOINTS, stats.timed());
    shared.set(StateField.LAST_CHECK_TIME, wal.wallMicros());
    Evidence evidence = decision.evidence();
    if (evidence != null) {
      shared.increment(StateField.ANALYSIS_CYCLES);
      shared.set(StateField.LAST_FORCED_CHECKPOINTS, evidence.delta());
      shared.set(StateField.LAST_WAL_MB, evidence.walMb());
    }
    publishState();
    server.publishState();
  }

  private void publishState() {
    SharedState shared = server.state();
    shared.set(StateField.BASELINE_VALID, state.interval() == null ? 0 : 1);
    if (state.interval() != null) {
      shared.set(StateField.REQUESTED_BASE, state.interval().baseRequested());
    }
    shared.set(StateField.QUIET_INTERVALS, state.quietIntervals());
    int size = server.maxWalSizeMb();
    shared.set(StateField.CURRENT_SIZE_MB, size);
    shared.set(
        StateField.TRIGGER_DISTANCE_MB,
        TriggerDistance.of(size, server.checkpointCompletionTarget(), server.walSegmentMb())
            .megabytes());
  }
}
