package org.pgwalrus.worker;

import org.pgwalrus.backend.Asked;
import org.pgwalrus.backend.CheckpointerStats;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.LocalTime;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.SharedState;
import org.pgwalrus.backend.WalPosition;

/** The real server, but for a clock so fast that every cycle takes a sample. */
final class HastyServer implements Server {

  /** A cycle looks twice at the clock: a little more than the default sample interval. */
  private static final long STEP_NANOS = 5_050_000_000L;

  private final Server server;
  private long nanos;

  HastyServer(Server server) {
    this.server = server;
  }

  @Override
  public long monotonicNanos() {
    nanos += STEP_NANOS;
    return nanos;
  }

  @Override
  public boolean get(Setting.Bool setting) {
    return server.get(setting);
  }

  @Override
  public int get(Setting.Int setting) {
    return server.get(setting);
  }

  @Override
  public double get(Setting.Real setting) {
    return server.get(setting);
  }

  @Override
  public String get(Setting.Text setting) {
    return server.get(setting);
  }

  @Override
  public String get(Setting.Choice setting) {
    return server.get(setting);
  }

  @Override
  public int checkpointTimeoutSeconds() {
    return server.checkpointTimeoutSeconds();
  }

  @Override
  public double checkpointCompletionTarget() {
    return server.checkpointCompletionTarget();
  }

  @Override
  public int maxWalSizeMb() {
    return server.maxWalSizeMb();
  }

  @Override
  public int minWalSizeMb() {
    return server.minWalSizeMb();
  }

  @Override
  public int walSegmentMb() {
    return server.walSegmentMb();
  }

  @Override
  public boolean alterSystemAllowed() {
    return server.alterSystemAllowed();
  }

  @Override
  public boolean interruptPending() {
    return server.interruptPending();
  }

  @Override
  public CheckpointerStats checkpointerStats() {
    return server.checkpointerStats();
  }

  @Override
  public WalPosition walPosition() {
    return server.walPosition();
  }

  @Override
  public void alterSystemSet(String name, int value) {
    server.alterSystemSet(name, value);
  }

  @Override
  public void alterSystemReset(String name) {
    server.alterSystemReset(name);
  }

  @Override
  public String reload() {
    return server.reload();
  }

  @Override
  public void report(Level level, String message, String detail, String hint) {
    server.report(level, message, detail, hint);
  }

  @Override
  public String query(String sql, String first, String second) {
    return server.query(sql, first, second);
  }

  @Override
  public String execute(String sql, String first, String second) {
    return server.execute(sql, first, second);
  }

  @Override
  public long walDiskFreeBytes() {
    return server.walDiskFreeBytes();
  }

  @Override
  public LocalTime localTime(String zone) {
    return server.localTime(zone);
  }

  @Override
  public Asked takeRequest() {
    return server.takeRequest();
  }

  @Override
  public void answer(String text) {
    server.answer(text);
  }

  @Override
  public SharedState state() {
    return server.state();
  }

  @Override
  public void publishState() {
    server.publishState();
  }
}
