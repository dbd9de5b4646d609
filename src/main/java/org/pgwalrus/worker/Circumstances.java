package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.sizing.ChangeLedger;
import org.pgwalrus.sizing.Conditions;
import org.pgwalrus.sizing.Disk;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.WalRates;

/**
 * What a history row tells of the moment of a decision, beyond the decision.
 *
 * @param policy the policy in force
 * @param profile the name of the profile in force, empty for none
 * @param advised whether sizes are only recommended: by setting, since a release, or because what
 *     is written would have no effect
 * @param ledger when automatic changes were made, or tried where this is a trial
 * @param rates the WAL rates of past intervals
 * @param requestedTotal the counter of requested checkpoints
 * @param timeoutSeconds {@code checkpoint_timeout}
 * @param fpiShare the share of full-page images in the WAL since the last decision, 0 to 1
 * @param timeline the timeline that the server writes
 * @param nowSeconds the monotonic clock
 * @param wallMicros the wall clock, microseconds since 2000
 */
record Circumstances(
    Policy policy,
    String profile,
    boolean advised,
    ChangeLedger ledger,
    WalRates rates,
    long requestedTotal,
    int timeoutSeconds,
    double fpiShare,
    int timeline,
    double nowSeconds,
    long wallMicros) {

  /** Seconds from 1970 to the beginning of 2000. */
  private static final long EPOCH_2000 = 946_684_800;

  private static final double MICROS = 1e6;

  /** The same with the rates that a decision went by. */
  Circumstances measured(WalRates measured) {
    return new Circumstances(
        policy,
        profile,
        advised,
        ledger,
        measured,
        requestedTotal,
        timeoutSeconds,
        fpiShare,
        timeline,
        nowSeconds,
        wallMicros);
  }

  /** The same for the engine. */
  Conditions conditions(@Nullable Disk disk) {
    return new Conditions(disk, Double.isNaN(fpiShare) ? 0 : fpiShare);
  }

  /** When the last automatic change was made, seconds since 1970; NaN for never. */
  double lastAdjustmentEpoch() {
    return epoch(ledger.last());
  }

  /** A time of the monotonic clock as seconds since 1970, as far as nobody set the wall clock. */
  double epoch(double seconds) {
    return EPOCH_2000 + wallMicros / MICROS - (nowSeconds - seconds);
  }
}
