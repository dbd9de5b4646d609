package org.pgwalrus.sizing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The worker's loop over a {@link SimulatedServer}: samples, decides, changes the size. */
final class SimulatedWorker {
  private final SimulatedServer server;
  private final Policy policy;
  private final double sampleSeconds;
  private final List<Decided> decisions = new ArrayList<>();
  private final List<Change> changes = new ArrayList<>();
  private final List<Double> changeTimes = new ArrayList<>();
  private State state = State.initial();
  private boolean changesFail;

  /** A decision and when it was made. */
  record Decided(double seconds, Decision decision) {}

  SimulatedWorker(SimulatedServer server, Policy policy, double sampleSeconds) {
    this.server = server;
    this.policy = policy;
    this.sampleSeconds = sampleSeconds;
  }

  /** Lets no change succeed. */
  SimulatedWorker failing() {
    changesFail = true;
    return this;
  }

  /** The decisions, but for those to wait. */
  List<Decided> decisions() {
    return decisions;
  }

  /** The changes made. */
  List<Change> changes() {
    return changes;
  }

  /** When they were made, in seconds. */
  List<Double> changeTimes() {
    return changeTimes;
  }

  /** Runs server and worker; a decision that is due before a sample gets one of its own. */
  void run(double seconds) {
    double end = server.seconds() + seconds;
    while (server.seconds() < end) {
      take(server.sample());
      Interval interval = state.interval();
      double untilDue =
          interval == null
              ? sampleSeconds
              : interval.deadline(server.sample().checkpointTimeoutSeconds()) - server.seconds();
      double step = untilDue > 0 ? Math.min(sampleSeconds, untilDue) : sampleSeconds;
      server.run(Math.min(step, end - server.seconds()));
    }
  }

  private void take(Sample sample) {
    Outcome outcome = Driver.step(sample, policy, null, state);
    state = outcome.state();
    if (!(outcome.decision() instanceof Decision.Waiting)) {
      decisions.add(new Decided(server.seconds(), outcome.decision()));
    }
    @Nullable Change change = outcome.decision() instanceof Decision.Resize r ? r.change() : null;
    if (change != null && !changesFail) {
      state = state.applied(change, sample.monotonicSeconds());
      server.resize(change.toMb());
      changes.add(change);
      changeTimes.add(sample.monotonicSeconds());
    }
  }
}
