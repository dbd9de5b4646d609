package org.pgwalrus.sizing;

/**
 * A server and its settings for tests, on PostgreSQL's defaults until told otherwise. An interval
 * is opened by a sample at second 0 with counter {@code base} and closed by the one that {@link
 * #end()} makes.
 */
final class Scenario {
  private static final long MB = 1L << 20;

  private int maxWalSizeMb = 1024;
  private int timeoutSeconds = 300;
  private double completionTarget = 0.9;
  private int segmentMb = 16;
  private int ceilingMb = 4096;
  private int threshold = 2;
  private CountMode countMode = CountMode.REQUESTED;
  private long base;
  private long delta;
  private long walMb;
  private double elapsedSeconds = 300;
  private State state = State.initial();

  static Scenario scenario() {
    return new Scenario();
  }

  Scenario size(int megabytes) {
    maxWalSizeMb = megabytes;
    return this;
  }

  Scenario timeout(int seconds) {
    timeoutSeconds = seconds;
    elapsedSeconds = seconds;
    return this;
  }

  Scenario completionTarget(double target) {
    completionTarget = target;
    return this;
  }

  Scenario segment(int megabytes) {
    segmentMb = megabytes;
    return this;
  }

  Scenario ceiling(int megabytes) {
    ceilingMb = megabytes;
    return this;
  }

  Scenario threshold(int checkpoints) {
    threshold = checkpoints;
    return this;
  }

  Scenario countMode(CountMode mode) {
    countMode = mode;
    return this;
  }

  Scenario base(long requested) {
    base = requested;
    return this;
  }

  Scenario delta(long requested) {
    delta = requested;
    return this;
  }

  /** WAL between the redo position at the interval's start and its end. */
  Scenario wal(long megabytes) {
    walMb = megabytes;
    return this;
  }

  Scenario elapsed(double seconds) {
    elapsedSeconds = seconds;
    return this;
  }

  /** What was known before the interval; its own interval is replaced by the scenario's. */
  Scenario after(State earlier) {
    state = earlier;
    return this;
  }

  Policy policy() {
    return new Policy(ceilingMb, threshold, countMode);
  }

  /** A sample with the scenario's settings; positions are in MB of WAL. */
  Sample sample(double seconds, long requested, long insertMb, long redoMb) {
    return sampleAtBytes(seconds, requested, insertMb * MB, redoMb * MB);
  }

  Sample sampleAtBytes(double seconds, long requested, long insertLsn, long redoLsn) {
    return new Sample(
        seconds,
        requested,
        1,
        insertLsn,
        redoLsn,
        maxWalSizeMb,
        timeoutSeconds,
        completionTarget,
        segmentMb);
  }

  Sample start() {
    return sample(0, base, 0, 0);
  }

  Sample end() {
    return sample(elapsedSeconds, base + delta, walMb, 0);
  }

  Interval interval() {
    return Interval.startingAt(start(), countMode);
  }

  Evidence evidence() {
    return Evidence.of(interval().extendedBy(end()), end());
  }

  State started() {
    return state.tracking(interval());
  }

  Outcome step(Sample sample, State from) {
    return SizingEngine.step(sample, policy(), from);
  }

  /** The outcome of the sample that closes the interval. */
  Outcome outcome() {
    return step(end(), started());
  }

  Decision decision() {
    return outcome().decision();
  }
}
