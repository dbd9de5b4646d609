package org.pgwalrus.worker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.CheckpointerStats;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.SharedState;
import org.pgwalrus.backend.SharedStates;
import org.pgwalrus.backend.WalPosition;

/** A server that is what a test makes it, and that remembers what was asked of it. */
final class FakeServer implements Server {

  /** One line of its log. */
  record Line(Level level, String message, String detail, String hint) {}

  static final long SECOND = 1_000_000_000L;
  static final long WALL_MICROS = 77_000_000;

  private static final long MB = 1L << 20;

  boolean enable = true;
  int max = 4096;
  int threshold = 2;
  int sampleInterval = 10;
  String countMode = "wal";

  int timeoutSeconds = 300;
  int maxWalSizeMb = 1024;
  boolean alterSystemAllowed = true;
  long requested = 57;
  long insertLsn = 1000 * MB;
  long nanos = 5 * SECOND;

  /** What ALTER SYSTEM answers with, if not success. */
  @Nullable PgException refusal;

  /** Why the postmaster cannot be signalled; empty when it can. */
  String reloadFailure = "";

  /** Where the effective value comes from. */
  String source = "configuration file";

  /** Whether a written size is in effect as soon as the reload has been asked for. */
  boolean obeys = true;

  final List<Line> log = new ArrayList<>();
  final List<Integer> written = new ArrayList<>();
  int reloads;
  int published;

  private final SharedState state = SharedStates.inMemory();

  /** Lets time pass. */
  void pass(double seconds) {
    nanos += (long) (seconds * SECOND);
  }

  /** WAL, and the checkpoints that it forces. */
  void force(int checkpoints) {
    requested += checkpoints;
    insertLsn += checkpoints * (600 * MB);
  }

  List<String> messages(Level level) {
    return log.stream().filter(line -> line.level() == level).map(Line::message).toList();
  }

  @Override
  public boolean get(Setting.Bool setting) {
    return setting.equals(Settings.ENABLE) ? enable : setting.defaultValue();
  }

  @Override
  public int get(Setting.Int setting) {
    if (setting.equals(Settings.MAX)) {
      return max;
    }
    if (setting.equals(Settings.THRESHOLD)) {
      return threshold;
    }
    return setting.equals(Settings.SAMPLE_INTERVAL) ? sampleInterval : setting.defaultValue();
  }

  @Override
  public String get(Setting.Choice setting) {
    return setting.equals(Settings.COUNT_MODE) ? countMode : setting.values().getFirst();
  }

  @Override
  public int checkpointTimeoutSeconds() {
    return timeoutSeconds;
  }

  @Override
  public double checkpointCompletionTarget() {
    return 0.9;
  }

  @Override
  public int maxWalSizeMb() {
    return maxWalSizeMb;
  }

  @Override
  public int walSegmentMb() {
    return 16;
  }

  @Override
  public boolean alterSystemAllowed() {
    return alterSystemAllowed;
  }

  @Override
  public boolean interruptPending() {
    return false;
  }

  @Override
  public CheckpointerStats checkpointerStats() {
    return new CheckpointerStats(requested, 3, 1);
  }

  @Override
  public WalPosition walPosition() {
    return new WalPosition(insertLsn, insertLsn - 100 * MB, WALL_MICROS);
  }

  @Override
  public long monotonicNanos() {
    return nanos;
  }

  @Override
  public void alterSystemSet(String name, int value) {
    if (!name.equals("max_wal_size")) {
      throw new AssertionError("not to be written: " + name);
    }
    if (refusal != null) {
      throw refusal;
    }
    written.add(value);
  }

  @Override
  public String reload() {
    if (reloadFailure.isEmpty()) {
      reloads++;
      if (obeys) {
        maxWalSizeMb = written.getLast();
      }
    }
    return reloadFailure;
  }

  @Override
  public void report(Level level, String message, String detail, String hint) {
    log.add(new Line(level, message, detail, hint));
  }

  @Override
  public @Nullable String query(String sql) {
    return source;
  }

  @Override
  public SharedState state() {
    return state;
  }

  @Override
  public void publishState() {
    published++;
  }
}
