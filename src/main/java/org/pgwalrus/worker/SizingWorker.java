package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.Asked;
import org.pgwalrus.backend.Request;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Interval;
import org.pgwalrus.sizing.Observation;
import org.pgwalrus.sizing.Outcome;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.SizingEngine;
import org.pgwalrus.sizing.State;

/**
 * The sizing cycle. A reload alone never starts a decision and never moves a deadline; it only
 * makes the cycle look at the settings and at what became of a size that was written.
 */
public final class SizingWorker {

  /** How long the worker waits when it has nothing to do until a reload, milliseconds. */
  static final long IDLE_MILLIS = 3_600_000;

  /** How often it looks whether a written size is in force while somebody waits for that. */
  private static final long WAITING_MILLIS = 100;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Server server;
  private final ServerLog log;
  private final DecisionLog decisionLog;
  private final SettingsCheck settingsCheck;
  private final PolicyReader policies;
  private final Profiles profiles;
  private final Observer observer;
  private final SurroundingsReader surroundings;
  private final SizeWriter writer;
  private final History history;
  private final Retention retention;
  private final Executor executor;
  private final RequestDesk desk;
  private final Past past;
  private final Unfinished unfinished;
  private final WarmStart warmStart;
  private final Publisher publisher;

  private State state = State.initial();
  private boolean enabled = true;
  private boolean started;
  private int timeline;
  private long nextSampleNanos;

  /** What surrounded the last decision. */
  private @Nullable Surroundings lastAround;

  /** A worker that has seen nothing yet: its first cycle takes the baseline. */
  public SizingWorker(Server server) {
    this.server = server;
    log = new ServerLog(server);
    decisionLog = new DecisionLog(server);
    settingsCheck = new SettingsCheck(server);
    Events events = new Events(server);
    policies = new PolicyReader(server);
    profiles = new Profiles(server, events);
    observer = new Observer(server, policies, profiles);
    surroundings = new SurroundingsReader(server);
    writer = new SizeWriter(server);
    history = new History(server, events);
    retention = new Retention(server, history);
    executor = new Executor(server, decisionLog, writer, history, events);
    desk = new RequestDesk(server, policies, writer, executor, history);
    past = new Past(server, history);
    unfinished = new Unfinished(server, writer, history);
    StateStore store = new StateStore(server);
    warmStart = new WarmStart(server, store, past, writer, history);
    publisher = new Publisher(server, store);
    nextSampleNanos = server.monotonicNanos();
  }

  /** Runs what is due; returns the milliseconds until something is due again. */
  public long cycle(boolean reloaded) {
    long now = server.monotonicNanos();
    Asked asked = server.takeRequest();
    if (asked.reset()) {
      forget(now);
    }
    writer.verify(reloaded || !started, now);
    desk.settle(asked, now);
    if (reloaded || !started) {
      settingsCheck.warn();
      policies.refresh();
      profiles.refresh();
      server.publishState();
    }
    boolean on = followSwitch(now);
    if (on && !started) {
      start(now);
    }
    Request request = asked.request();
    if (request != null) {
      serve(request, asked, now, on);
    }
    if (on) {
      takeSampleIfDue(now, reloaded);
    }
    history.retry(now);
    return untilNext(on);
  }

  private long untilNext(boolean on) {
    if (desk.isWaiting()) {
      return WAITING_MILLIS;
    }
    return on
        ? Math.max(1, (nextSampleNanos - server.monotonicNanos()) / NANOS_PER_MILLI)
        : IDLE_MILLIS;
  }

  /** After {@code walrus.reset()}: what was measured and done before is as if it had not been. */
  private void forget(long now) {
    state = State.initial();
    executor.forget();
    history.forget();
    nextSampleNanos = now;
  }

  /** Follows {@code walrus.enable}; what was measured before a pause is worth nothing after it. */
  private boolean followSwitch(long now) {
    boolean wanted = server.get(Settings.ENABLE);
    if (wanted != enabled) {
      enabled = wanted;
      state = state.withoutBaseline();
      nextSampleNanos = now;
      publisher.state(state);
      log.log(wanted ? "sizing enabled" : "sizing disabled", "");
    }
    return enabled;
  }

  private void start(long now) {
    started = true;
    timeline = past.timeline();
    Look look = observer.look(now);
    Surroundings around = surroundings.read();
    boolean advising = policies.advises() || look.policy().trial();
    if (!advising) {
      unfinished.finish(look, circumstances(look, around));
    }
    state = warmStart.restore(now);
    lastAround = around;
    warmStart.takeOver(look, circumstances(look, around), around, advising);
  }

  private void serve(Request request, Asked asked, long now, boolean on) {
    if (!on && !RequestDesk.needsNoSizing(request)) {
      desk.refuse("extension is disabled");
      return;
    }
    Look look = observer.underSettingsNow(observer.look(now));
    Surroundings around = surroundings.read();
    state = desk.serve(request, asked, look, state, around, circumstances(look, around));
    publisher.state(state);
  }

  private void takeSampleIfDue(long now, boolean reloaded) {
    if (now - nextSampleNanos >= 0) {
      takeSample(now);
      nextSampleNanos = now + nanosToNextSample(now);
    } else if (reloaded) {
      // A shorter interval may be in force now; a reload never puts a sample off.
      nextSampleNanos = Math.min(nextSampleNanos, now + nanosToNextSample(now));
    }
  }

  private void takeSample(long now) {
    Look look = observer.look(now);
    switch (SizingEngine.observe(look.sample(), look.policy(), state)) {
      case Observation.Undecided undecided -> {
        state = undecided.state();
        decisionLog.explain(undecided.decision(), look.policy());
      }
      case Observation.Due due -> decide(due, observer.underSettingsNow(look));
    }
    publisher.sample(look, state);
  }

  private void decide(Observation.Due due, Look seen) {
    Policy policy = advising() ? seen.policy().asTrial() : seen.policy();
    Look look = seen.under(policy);
    Surroundings around = surroundings.read();
    Circumstances now = circumstances(look, around);
    Outcome outcome =
        SizingEngine.decide(due, look.sample(), policy, now.conditions(around.disk()));
    Decision decision = outcome.decision();
    state = outcome.state();
    decisionLog.explain(decision, policy);
    if (executor.carryOut(decision, now.measured(state.rates()), look.nanos())
        && decision instanceof Decision.Resize resize) {
      state = state.applied(resize.change(), now.nowSeconds());
    }
    publisher.decision(
        decision, due.trigger(), outcome.steps(), look, state, around.disk(), now.fpiShare());
    lastAround = around;
    retention.clean(look.nanos());
  }

  private boolean advising() {
    return policies.advises() || !writer.obstacle().isEmpty();
  }

  private Circumstances circumstances(Look look, Surroundings around) {
    return new Circumstances(
        look.policy(),
        look.profile(),
        advising(),
        look.policy().trial() ? state.trials() : state.applied(),
        state.rates(),
        look.stats().requested(),
        look.sample().checkpointTimeoutSeconds(),
        lastAround == null ? Double.NaN : around.fpiShareSince(lastAround),
        timeline,
        look.sample().monotonicSeconds(),
        look.wal().wallMicros());
  }

  /** The sample interval, or less where a decision is due before it ends. */
  private long nanosToNextSample(long now) {
    double seconds = server.get(Settings.SAMPLE_INTERVAL);
    Interval interval = state.interval();
    if (interval != null) {
      double untilDue = interval.deadline(server.checkpointTimeoutSeconds()) - Look.seconds(now);
      if (untilDue > 0) {
        seconds = Math.min(seconds, untilDue);
      }
    }
    return (long) (seconds * NANOS_PER_SECOND);
  }
}
