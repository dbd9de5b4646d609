package org.pgwalrus.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.Asked;
import org.pgwalrus.backend.CheckpointerStats;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.LocalTime;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Request;
import org.pgwalrus.backend.Server;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.SharedState;
import org.pgwalrus.backend.SharedStates;
import org.pgwalrus.backend.WalPosition;

/** A server that is what a test makes it, and that remembers what was asked of it. */
final class FakeServer implements Server {

  /** One line of its log. */
  record Line(Level level, String message, String detail, String hint) {}

  static final long SECOND = 1_000_000_000L;
  static final long WALL_MICROS = 77_000_000;
  static final long MB = 1L << 20;

  /** Who asks. */
  static final String ROLE = "alice";

  final FakeDatabase database = new FakeDatabase();

  int timeoutSeconds = 300;
  int maxWalSizeMb = 1024;
  int minWalSizeMb = 80;
  boolean alterSystemAllowed = true;
  long requested = 57;
  long statsResetMicros = 1;
  long insertLsn = 1000 * MB;
  long nanos = 5 * SECOND;
  long wallMicros = WALL_MICROS;
  long diskFreeBytes = 1L << 40;
  boolean interruptPending;
  LocalTime localTime = new LocalTime(1, 12);

  /** What happens just after the WAL position has been read. */
  Runnable afterWalPosition = () -> {};

  /** What ALTER SYSTEM answers with, if not success. */
  @Nullable PgException refusal;

  /** What a look at the disk answers with, if not success. */
  @Nullable PgException diskFailure;

  /** Why the postmaster cannot be signalled; empty when it can. */
  String reloadFailure = "";

  /** Whether a written size is in effect as soon as the reload has been asked for. */
  boolean obeys = true;

  /** The effective size once ALTER SYSTEM has nothing more to say. */
  int sizeWithoutAlterSystemMb = 1024;

  final List<Line> log = new ArrayList<>();

  /** What ALTER SYSTEM has set; null for a reset. */
  final List<@Nullable Integer> written = new ArrayList<>();

  final List<String> zones = new ArrayList<>();
  final List<String> answers = new ArrayList<>();
  int reloads;
  int published;

  private final Map<Setting, Object> settings = new HashMap<>();
  private final ArrayDeque<Asked> asked = new ArrayDeque<>();
  private final SharedState state = SharedStates.inMemory();

  void set(Setting.Bool setting, boolean value) {
    settings.put(setting, value);
  }

  void set(Setting.Int setting, int value) {
    settings.put(setting, value);
  }

  void set(Setting.Real setting, double value) {
    settings.put(setting, value);
  }

  void set(Setting.Text setting, String value) {
    settings.put(setting, value);
  }

  void set(Setting.Choice setting, String value) {
    settings.put(setting, value);
  }

  /** Lets time pass. */
  void pass(double seconds) {
    nanos += (long) (seconds * SECOND);
    wallMicros += (long) (seconds * 1_000_000);
  }

  /** WAL, and the checkpoints that it forces. */
  void force(int checkpoints) {
    requested += checkpoints;
    insertLsn += checkpoints * (600 * MB);
  }

  /** A SQL function asks for something. */
  void ask(Request request, String argument) {
    asked.addLast(new Asked(request, argument, ROLE, /* reset= */ false));
  }

  /** Somebody calls walrus.reset(). */
  void reset() {
    asked.addLast(new Asked(null, "", "", /* reset= */ true));
  }

  List<String> messages(Level level) {
    return log.stream().filter(line -> line.level() == level).map(Line::message).toList();
  }

  List<String> warnings() {
    return messages(Level.WARNING);
  }

  @Override
  public boolean get(Setting.Bool setting) {
    return (boolean) settings.getOrDefault(setting, setting.defaultValue());
  }

  @Override
  public int get(Setting.Int setting) {
    return (int) settings.getOrDefault(setting, setting.defaultValue());
  }

  @Override
  public double get(Setting.Real setting) {
    return (double) settings.getOrDefault(setting, setting.defaultValue());
  }

  @Override
  public String get(Setting.Text setting) {
    return (String) settings.getOrDefault(setting, setting.defaultValue());
  }

  @Override
  public String get(Setting.Choice setting) {
    return (String) settings.getOrDefault(setting, setting.values().getFirst());
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
  public int minWalSizeMb() {
    return minWalSizeMb;
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
    return interruptPending;
  }

  @Override
  public CheckpointerStats checkpointerStats() {
    return new CheckpointerStats(requested, 3, statsResetMicros);
  }

  @Override
  public WalPosition walPosition() {
    WalPosition position = new WalPosition(insertLsn, insertLsn - 100 * MB, wallMicros);
    afterWalPosition.run();
    return position;
  }

  @Override
  public long monotonicNanos() {
    return nanos;
  }

  @Override
  public void alterSystemSet(String name, int value) {
    alterSystem(name, value);
  }

  @Override
  public void alterSystemReset(String name) {
    alterSystem(name, null);
  }

  private void alterSystem(String name, @Nullable Integer value) {
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
        maxWalSizeMb = Objects.requireNonNullElse(written.getLast(), sizeWithoutAlterSystemMb);
      }
    }
    return reloadFailure;
  }

  @Override
  public void report(Level level, String message, String detail, String hint) {
    log.add(new Line(level, message, detail, hint));
  }

  @Override
  public @Nullable String query(String sql, String first, String second) {
    return database.run(new FakeDatabase.Statement(sql, first, second, /* readOnly= */ true));
  }

  @Override
  public @Nullable String execute(String sql, String first, String second) {
    return database.run(new FakeDatabase.Statement(sql, first, second, /* readOnly= */ false));
  }

  @Override
  public long walDiskFreeBytes() {
    if (diskFailure != null) {
      throw diskFailure;
    }
    return diskFreeBytes;
  }

  @Override
  public LocalTime localTime(String zone) {
    zones.add(zone);
    return localTime;
  }

  @Override
  public Asked takeRequest() {
    Asked next = asked.isEmpty() ? Asked.NOTHING : asked.removeFirst();
    if (next.reset()) {
      SharedStates.reset(state);
    }
    return next;
  }

  @Override
  public void answer(String text) {
    if (!Frame.fits(text)) {
      throw new IllegalArgumentException("text of " + text.length() + " bytes is too long");
    }
    answers.add(text);
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
