package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.sizing.Block.Cause;

/**
 * How often sizes may change without anybody asking.
 *
 * @param cooldownSeconds the least time between two changes, 0 for none
 * @param changesPerHour how many changes fit into any hour, 0 to 1000; 0 makes none at all
 */
public record RateLimit(int cooldownSeconds, int changesPerHour) {

  /**
   * Why no change may be made now, or null if one may. What is blocked consumes nothing.
   *
   * @param ledger when changes were made
   * @param now monotonic seconds
   */
  public @Nullable Block check(ChangeLedger ledger, double now) {
    if (changesPerHour == 0) {
      return block(Cause.DISABLED, 0, ledger, now);
    }
    // Never true where nothing was changed yet, as the time of that is NaN.
    double cooledDown = ledger.last() + cooldownSeconds;
    if (cooldownSeconds > 0 && now < cooledDown) {
      double remaining = Math.min(cooldownSeconds, cooledDown - now);
      return block(Cause.COOLDOWN, remaining, ledger, now);
    }
    if (ledger.withinHour(now) >= changesPerHour) {
      return block(Cause.HOURLY_LIMIT, ledger.untilFewer(changesPerHour, now), ledger, now);
    }
    return null;
  }

  private static Block block(Cause cause, double remaining, ChangeLedger ledger, double now) {
    return new Block(
        cause, (int) Math.ceil(remaining), ledger.withinHour(now), ledger.oldestWithinHour(now));
  }
}
