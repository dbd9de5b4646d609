package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.StateField;

/**
 * Writes {@code max_wal_size}, has it loaded, and looks whether it took effect.
 *
 * <p>A size that is overridden elsewhere is reported once; until the value or its source changes,
 * that is an obstacle, and sizes are only recommended.
 */
final class SizeWriter {

  /** What became of a written size. */
  interface Verdict {

    /**
     * Called for each written size when it is looked for, and again if it takes effect later.
     *
     * @param writtenMb the size written, 0 where the setting was removed
     * @param effectiveMb the size in force
     * @param effective whether what was written is what is in force
     */
    void verified(int writtenMb, int effectiveMb, boolean effective);
  }

  /** How long a reload may take before its effect is looked for without one. */
  private static final long RELOAD_NANOS = 30_000_000_000L;

  private static final String SETTING = "max_wal_size";
  private static final String ALLOW_ALTER_SYSTEM = "allow_alter_system";
  private static final String AUTO_CONF = "postgresql.auto.conf";

  /** What ALTER SYSTEM fails with when it cannot read the file that it is to change. */
  private static final String CONFIG_FILE_ERROR = "F0000";

  private static final String SOURCE_QUERY =
      "SELECT source || coalesce(' ' || sourcefile, '')"
          + " FROM pg_catalog.pg_settings WHERE name = 'max_wal_size'";

  private static final String AUTO_CONF_IS_BROKEN =
      "SELECT 1 FROM pg_catalog.pg_file_settings WHERE name IS NULL AND error IS NOT NULL"
          + " AND sourcefile LIKE '%/"
          + AUTO_CONF
          + "' LIMIT 1";

  private record Written(int sizeMb, long sinceNanos, Verdict verdict) {}

  private final Server server;
  private final ServerLog log;

  /** The size written and not yet looked for, or null. */
  private @Nullable Written pending;

  /** The size that was not effective when it was looked for, until it is or another is written. */
  private @Nullable Written ineffective;

  /** Whether the postmaster has still to be asked for the reload. */
  private boolean reloadOwed;

  /** Why sizes have no effect; empty when they have. */
  private String blockedBy;

  /** The effective size when the obstacle was found. */
  private int blockedAtMb;

  /** One that knows of the obstacle that the worker before it has met. */
  SizeWriter(Server server) {
    this.server = server;
    this.log = new ServerLog(server);
    blockedBy = server.state().text(StateField.APPLY_BLOCKED);
    blockedAtMb = server.maxWalSizeMb();
    setPending(null);
  }

  /**
   * Writes and loads a size; the verdict follows a reload later.
   *
   * @param what what is written, for the message of a failure
   * @return whether it was written
   */
  boolean write(int sizeMb, String what, long nowNanos, Verdict verdict) {
    return change(() -> server.alterSystemSet(SETTING, sizeMb), what, sizeMb, nowNanos, verdict);
  }

  /** Removes what ALTER SYSTEM has set, and loads that. */
  boolean remove(long nowNanos, Verdict verdict) {
    return change(
        () -> server.alterSystemReset(SETTING), "ALTER SYSTEM RESET", 0, nowNanos, verdict);
  }

  private boolean change(
      Runnable alterSystem, String what, int sizeMb, long nowNanos, Verdict verdict) {
    try {
      alterSystem.run();
    } catch (PgException e) {
      failed("failed to execute " + what + ", will retry next cycle", e);
      return false;
    }
    ineffective = null;
    setPending(new Written(sizeMb, nowNanos, verdict));
    reload();
    return true;
  }

  private void failed(String what, PgException error) {
    server.state().increment(StateField.APPLY_FAILURES);
    if (!error.sqlState().equals(CONFIG_FILE_ERROR)) {
      log.warn(what, error);
      return;
    }
    block(AUTO_CONF);
    log.warn(
        what + ": " + error.message(),
        error.detail(),
        "Repair the file. Until then sizes are only recommended.");
  }

  /** Whether a written size has not been looked for yet. */
  boolean isPending() {
    return pending != null;
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
      unblock();
    }
    Written written = pending;
    if (written != null && (reloaded || nowNanos - written.sinceNanos() >= RELOAD_NANOS)) {
      setPending(null);
      verify(written);
    }
  }

  private void verify(Written written) {
    int effectiveMb = server.maxWalSizeMb();
    boolean effective = written.sizeMb() == 0 || effectiveMb == written.sizeMb();
    if (!effective) {
      ineffective = written;
      block(source());
      log.warn(
          "max_wal_size change to "
              + written.sizeMb()
              + " MB is not effective (source: "
              + blockedBy
              + ")",
          "The effective value is " + effectiveMb + " MB.",
          "Remove the setting there, or repair the configuration if the server log complains of"
              + " it. Until then sizes are only recommended.");
    }
    written.verdict().verified(written.sizeMb(), effectiveMb, effective);
  }

  /**
   * What stands in the way of a change: a setting's source or its name; empty when nothing does.
   */
  String obstacle() {
    if (!server.alterSystemAllowed()) {
      if (!blockedBy.equals(ALLOW_ALTER_SYSTEM)) {
        block(ALLOW_ALTER_SYSTEM);
        log.warn(
            "allow_alter_system is off, sizes are only recommended",
            "",
            "Set max_wal_size where the configuration is managed; walrus.recommendation() tells the"
                + " size.");
      }
    } else if (!blockedBy.isEmpty() && !stillBlocked()) {
      unblock();
    }
    return blockedBy;
  }

  /** The size that had no effect may have it now. */
  private void unblock() {
    block("");
    Written written = ineffective;
    ineffective = null;
    if (written != null && written.sizeMb() == server.maxWalSizeMb()) {
      written.verdict().verified(written.sizeMb(), written.sizeMb(), true);
    }
  }

  private boolean stillBlocked() {
    if (blockedBy.equals(ALLOW_ALTER_SYSTEM)) {
      return !server.alterSystemAllowed();
    }
    if (blockedBy.equals(AUTO_CONF)) {
      return isAutoConfBroken();
    }
    return server.maxWalSizeMb() == blockedAtMb && source().equals(blockedBy);
  }

  private boolean isAutoConfBroken() {
    try {
      return server.query(AUTO_CONF_IS_BROKEN) != null;
    } catch (PgException e) {
      log.warn("could not look into " + AUTO_CONF, e);
      return true;
    }
  }

  /** Where the effective size comes from; as before, or "unknown", if the server does not tell. */
  private String source() {
    try {
      return String.valueOf(server.query(SOURCE_QUERY));
    } catch (PgException e) {
      log.warn("could not look up the source of max_wal_size", e);
      return blockedBy.isEmpty() ? "unknown" : blockedBy;
    }
  }

  private void block(String cause) {
    blockedBy = cause;
    blockedAtMb = server.maxWalSizeMb();
    server.state().set(StateField.APPLY_BLOCKED, cause);
    server.publishState();
  }

  private void reload() {
    String failure = server.reload();
    reloadOwed = !failure.isEmpty();
    if (reloadOwed) {
      log.warn("could not signal postmaster: " + failure, "It is tried again.", "");
    } else {
      server.state().increment(StateField.SELF_RELOADS);
    }
  }

  private void setPending(@Nullable Written written) {
    pending = written;
    server.state().set(StateField.PENDING_SIZE_MB, written == null ? 0 : written.sizeMb());
  }
}
