package org.pgwalrus.sizing;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A server and its settings for tests, on the defaults until told otherwise. An interval is opened
 * by a sample at second 0 with counter {@code base} and closed by the one that {@link #end()}
 * makes.
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
  private GrowthPolicy growth = new GrowthPolicy(Algorithm.MULTIPLICATIVE, 512, false, true);
  private ShrinkPolicy shrink = new ShrinkPolicy(true, 0.75, 5, 1024);
  private RatePolicy rates = new RatePolicy(0.2, 95, 0);
  private RateLimit limit = new RateLimit(300, 4);
  private CapPolicy caps = new CapPolicy(20, 0, 100);
  private boolean trial;
  private @Nullable Disk disk;

  private long base;
  private long delta;
  private long walMb;
  private double elapsedSeconds = 300;
  private int quietBefore;
  private Ceiling reported = Ceiling.NONE;
  private WalRates ratesBefore = WalRates.none();
  private ChangeLedger applied = ChangeLedger.none();
  private ChangeLedger trials = ChangeLedger.none();

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

  Scenario algorithm(Algorithm algorithm) {
    growth =
        new GrowthPolicy(
            algorithm, growth.additiveIncrementMb(), growth.proactive(), growth.earlyReaction());
    return this;
  }

  Scenario increment(int megabytes) {
    growth =
        new GrowthPolicy(growth.algorithm(), megabytes, growth.proactive(), growth.earlyReaction());
    return this;
  }

  Scenario proactive() {
    growth =
        new GrowthPolicy(
            growth.algorithm(), growth.additiveIncrementMb(), true, growth.earlyReaction());
    return this;
  }

  Scenario withoutEarlyReaction() {
    growth =
        new GrowthPolicy(
            growth.algorithm(), growth.additiveIncrementMb(), growth.proactive(), false);
    return this;
  }

  Scenario shrink(double factor, int intervals, int minSizeMb) {
    shrink = new ShrinkPolicy(true, factor, intervals, minSizeMb);
    return this;
  }

  Scenario minSize(int megabytes) {
    return shrink(shrink.factor(), shrink.intervals(), megabytes);
  }

  Scenario factor(double factor) {
    return shrink(factor, shrink.intervals(), shrink.minSizeMb());
  }

  Scenario withoutShrink() {
    shrink = new ShrinkPolicy(false, shrink.factor(), shrink.intervals(), shrink.minSizeMb());
    return this;
  }

  Scenario ratePolicy(double alpha, double percentile, double headroom) {
    rates = new RatePolicy(alpha, percentile, headroom);
    return this;
  }

  Scenario limit(int cooldownSeconds, int changesPerHour) {
    limit = new RateLimit(cooldownSeconds, changesPerHour);
    return this;
  }

  Scenario caps(double reservePercent, int recoverySeconds, int replayRate) {
    caps = new CapPolicy(reservePercent, recoverySeconds, replayRate);
    return this;
  }

  Scenario disk(long freeMb, long walMb, long retainedMb) {
    disk = new Disk(freeMb, walMb, retainedMb);
    return this;
  }

  Scenario trial() {
    trial = true;
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

  /** Quiet intervals before this one. */
  Scenario quiet(int intervals) {
    quietBefore = intervals;
    return this;
  }

  Scenario reported(Limit by, int megabytes) {
    reported = new Ceiling(by, megabytes);
    return this;
  }

  /** The rates of the intervals before this one, whose own is to be given by its WAL. */
  Scenario rates(double... before) {
    ratesBefore = WalRates.none();
    for (double rate : before) {
      ratesBefore = ratesBefore.with(rate, rates.emaAlpha());
    }
    return this;
  }

  /** As many intervals at the same rate in MB/s, and the interval itself as well. */
  Scenario steadyRate(int rate) {
    double[] before = new double[9];
    Arrays.fill(before, rate);
    return rates(before).wal((long) rate * timeoutSeconds);
  }

  /** The changes made before the interval's end. */
  Scenario changedAt(double... times) {
    for (double time : times) {
      applied = applied.with(time);
    }
    return this;
  }

  Scenario triedAt(double... times) {
    for (double time : times) {
      trials = trials.with(time);
    }
    return this;
  }

  Policy policy() {
    return new Policy(ceilingMb, threshold, countMode, growth, shrink, rates, limit, caps, trial);
  }

  @Nullable Disk disk() {
    return disk;
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

  /** What was known before the interval, and the interval itself. */
  State started() {
    return new State(interval(), quietBefore, reported, null, ratesBefore, applied, trials);
  }

  /** Takes the sample, and decides if it is time to; a sample that decides nothing has no steps. */
  Outcome step(Sample sample, State from) {
    return Driver.step(sample, policy(), disk, from);
  }

  /** The outcome of the sample that closes the interval. */
  Outcome outcome() {
    return step(end(), started());
  }

  Decision decision() {
    return outcome().decision();
  }

  /** What would be said at the sample that closes the interval. */
  Recommendation recommendation() {
    return Recommendation.of(end(), policy(), Conditions.of(disk), started());
  }
}
