package org.pgwalrus.worker;

import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.SharedState;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.Decision;

/**
 * Writes a size, has it loaded, and looks whether it took effect.
 *
 * <p>A size that is overridden elsewhere is reported once and not written again until the value or
 * its source has changed.
 */
final class SizeApplier {

  private static final String SETTING = "max_wal_size";
  private static final String ALLOW_ALTER_SYSTEM = "allow_alter_system";

  /** How long a reload may take before its effect is looked for without one. */
  private static final long RELOAD_NANOS = 30_000_000_000L;

  private static final String SOURCE_QUERY =
      "SELECT source || coalesce(' ' || sourcefile, '')"
          + " FROM pg_catalog.pg_settings WHERE name = 'max_wal_size'";

  private final Server server;
  private final DecisionLog log;

  /** The size written and not yet seen, 0 when there is none. */
  private int pendingMb;

  private long pendingSinceNanos;

  /** Whether the postmaster has still to be asked for the reload. */
  private boolean reloadOwed;

  /** Why sizes have no effect; empty when they have. */
  private String blockedBy = "";

  /** The effective size when the obstacle was found. */
  private int blockedAtMb;

  SizeApplier(Server server) {
    this.server = server;
    this.log = new DecisionLog(server);
  }

  /** Writes and loads a size, unless it is known to have no effect. */
  void apply(Decision.Grow grow, long nowNanos, long wallMicros) {
    if (obstructed(grow)) {
      return;
    }
    log.say(
        Level.LOG,
        "detected "
            + grow.evidence().delta()
            + " forced checkpoints over "
            + DecisionLog.seconds(grow.evidence())
            + " seconds",
        DecisionLog.detail(grow.evidence()));
    log.say(
        Level.LOG, "resizing max_wal_size from " + grow.fromMb() + " MB to " + grow.toMb() + " MB");
    if (write(grow.toMb())) {
      setPending(grow.toMb(), nowNanos);
      reload();
      count(grow, wallMicros);
    }
  }

  /**
   * Looks whether a written size is in effect, after a reload or when it is overdue, and whether an
   * obstacle is still there. A reload whose signal failed is asked for again.
   */
  void verify(boolean reloaded, long nowNanos) {
    if (reloadOwed) {
      reload();
    }
    if (reloaded && !blockedBy.isEmpty() && !stillBlocked()) {
      block("");
    }
    if (pendingMb != 0 && (reloaded || nowNanos - pendingSinceNanos >= RELOAD_NANOS)) {
      verifyPending(nowNanos);
    }
  }

  private void verifyPending(long nowNanos) {
    int effectiveMb = server.maxWalSizeMb();
    int writtenMb = pendingMb;
    if (effectiveMb != writtenMb) {
      block(source());
      warn(
          SETTING + " change to " + writtenMb + " MB is not effective (source: " + blockedBy + ")",
          "The effective value is " + effectiveMb + " MB.",
          "Remove the setting there, or repair the configuration if the server log complains of"
              + " it.");
    }
    setPending(0, nowNanos);
  }

  private boolean obstructed(Decision.Grow grow) {
    if (!server.alterSystemAllowed()) {
      if (!blockedBy.equals(ALLOW_ALTER_SYSTEM)) {
        block(ALLOW_ALTER_SYSTEM);
        warn(
            "max_wal_size should be " + grow.toMb() + " MB, but allow_alter_system is off",
            DecisionLog.detail(grow.evidence()),
            "Set max_wal_size where the configuration is managed.");
      }
      return true;
    }
    if (blockedBy.isEmpty()) {
      return false;
    }
    if (stillBlocked()) {
      log.say(Level.DEBUG1, "not resizing max_wal_size, it is set by " + blockedBy);
      return true;
    }
    block("");
    return false;
  }

  private boolean stillBlocked() {
    if (blockedBy.equals(ALLOW_ALTER_SYSTEM)) {
      return !server.alterSystemAllowed();
    }
    return server.maxWalSizeMb() == blockedAtMb && source().equals(blockedBy);
  }

  private String source() {
    return String.valueOf(server.query(SOURCE_QUERY));
  }

  private void block(String cause) {
    blockedBy = cause;
    blockedAtMb = server.maxWalSizeMb();
    server.state().set(StateField.APPLY_BLOCKED, cause);
    server.publishState();
  }

  private boolean write(int sizeMb) {
    try {
      server.alterSystemSet(SETTING, sizeMb);
      return true;
    } catch (PgException e) {
      server.state().increment(StateField.APPLY_FAILURES);
      warn(
          "failed to execute ALTER SYSTEM, will retry next cycle: " + e.message(),
          e.detail(),
          e.hint());
      return false;
    }
  }

  private void reload() {
    String failure = server.reload();
    reloadOwed = !failure.isEmpty();
    if (reloadOwed) {
      warn("could not signal postmaster: " + failure, "It is tried again.", "");
    } else {
      server.state().increment(StateField.SELF_RELOADS);
    }
  }

  private void setPending(int sizeMb, long nowNanos) {
    pendingMb = sizeMb;
    pendingSinceNanos = nowNanos;
    server.state().set(StateField.PENDING_SIZE_MB, sizeMb);
  }

  private void count(Decision.Grow grow, long wallMicros) {
    SharedState shared = server.state();
    shared.increment(StateField.TOTAL_ADJUSTMENTS);
    shared.increment(StateField.TOTAL_INCREASES);
    if (grow.capped()) {
      shared.increment(StateField.TOTAL_CAPPED);
    }
    shared.set(StateField.LAST_ADJUSTMENT_TIME, wallMicros);
  }

  private void warn(String text, String detail, String hint) {
    server.report(Level.WARNING, "pg_walrus: " + text, detail, hint);
  }
}
