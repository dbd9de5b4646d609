package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/**
 * All that a decision is made from.
 *
 * @param sample the server now
 * @param policy the settings now
 * @param conditions what surrounds it
 * @param due the interval, extended by the sample, and why it is looked at now
 * @param evidence what the interval showed
 * @param rates the WAL rates, with the interval's own if it is long enough
 */
record Situation(
    Sample sample,
    Policy policy,
    Conditions conditions,
    Observation.Due due,
    Evidence evidence,
    WalRates rates) {

  static Situation of(Observation.Due due, Sample sample, Policy policy, Conditions conditions) {
    Interval interval = due.interval();
    return new Situation(
        sample,
        policy,
        conditions,
        due,
        Evidence.of(interval, sample),
        interval.flow().addedTo(due.state().rates(), sample, policy.rates().emaAlpha()));
  }

  State state() {
    return due.state();
  }

  double now() {
    return sample.monotonicSeconds();
  }

  int currentMb() {
    return sample.maxWalSizeMb();
  }

  /** The changes that the rate limit counts: those of a dry run do not hold up real ones. */
  ChangeLedger ledger() {
    return policy.trial() ? state().trials() : state().applied();
  }

  /** Whether the interval reached the threshold. */
  boolean pressed() {
    return evidence.delta() >= policy.threshold();
  }

  /** Consecutive quiet intervals with this one, if it has run its full length. */
  int quietIntervals() {
    int before = state().quietIntervals();
    double deadline = due.interval().deadline(sample.checkpointTimeoutSeconds());
    return now() < deadline ? before : State.oneMore(before);
  }

  /**
   * The size in MB that a WAL rate needs.
   *
   * @param rate in MB/s
   * @param usualHeadroom the factor on it if the administrator set none
   */
  int needMb(double rate, double usualHeadroom) {
    return sample.needMb(rate, policy.rates().headroomOr(usualHeadroom));
  }

  /** The same for the rate of a storm, as it will be when its checkpoints are far apart. */
  int settledNeedMb(double rate, double usualHeadroom) {
    double settled =
        SettledRate.of(
            rate,
            conditions.fullPageShare(),
            due.interval().shortest(),
            sample.checkpointTimeoutSeconds());
    return needMb(settled, usualHeadroom);
  }

  /** The file system of {@code pg_wal}, null if unknown. */
  @Nullable Disk disk() {
    return conditions.disk();
  }

  /** The rate that sizes must hold, in MB/s. */
  double targetRate() {
    return rates.percentile(policy.rates().targetPercentile());
  }
}
