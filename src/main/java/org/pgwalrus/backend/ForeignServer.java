package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The server reached through the symbol table of the C library. */
public final class ForeignServer implements Server {

  private static final int BYTES_PER_MB = 1024 * 1024;

  /** The server takes no longer line into its configuration. */
  private static final long LONGEST_SETTING = 1L << 20;

  private final ByteBuffer[] settings;
  private final ByteBuffer completionTarget;
  private final ByteBuffer minWalSize;
  private final int walSegmentMb;
  private final ByteBuffer interruptPending;
  private final ByteBuffer asked;
  private final @Nullable ByteBuffer allowAlterSystem;
  private final StructReader reader;
  private final GuardedCalls calls;
  private final SharedState state;
  private MemorySegment stats = MemorySegment.NULL;

  private ForeignServer(SymbolTable table) {
    settings = new ByteBuffer[Settings.ALL.size()];
    for (int i = 0; i < settings.length; i++) {
      Setting setting = Settings.ALL.get(i);
      settings[i] = Numbers.in(table.variable(i, cType(setting), setting.name()).asReadOnly());
    }
    completionTarget = LayoutTableReader.variable(table, Global.CHECKPOINT_COMPLETION_TARGET);
    minWalSize = LayoutTableReader.variable(table, Global.MIN_WAL_SIZE);
    walSegmentMb =
        LayoutTableReader.variable(table, Global.WAL_SEGMENT_SIZE).getInt(0) / BYTES_PER_MB;
    interruptPending = LayoutTableReader.variable(table, Global.INTERRUPT_PENDING);
    asked = LayoutTableReader.variable(table, Global.ASKED);
    allowAlterSystem =
        table.has(Row.of(Global.ALLOW_ALTER_SYSTEM))
            ? LayoutTableReader.variable(table, Global.ALLOW_ALTER_SYSTEM)
            : null;
    reader = StructReaders.create(table);
    calls = new GuardedCalls(table);
    state = SharedState.in(table, StateField.values(), Row.of(StateField.values()[0]));
  }

  /**
   * Takes the server from the table that C passes to the worker's start method.
   *
   * @throws IllegalStateException when library and jar do not belong together
   */
  public static Server open(long tableAddress, int rows, String buildId) {
    return new ForeignServer(SymbolTable.open(tableAddress, rows, buildId));
  }

  /** How a setting is stored: strings are pointers, choices are numbers. */
  static CType cType(Setting setting) {
    return switch (setting) {
      case Setting.Bool _ -> CType.BOOL;
      case Setting.Int _, Setting.Choice _ -> CType.INT;
      case Setting.Real _ -> CType.DOUBLE;
      case Setting.Text _ -> CType.LONG;
    };
  }

  @Override
  public boolean get(Setting.Bool setting) {
    return settings[Row.of(setting)].get(0) != 0;
  }

  @Override
  public int get(Setting.Int setting) {
    return settings[Row.of(setting)].getInt(0);
  }

  @Override
  public String get(Setting.Choice setting) {
    return setting.values().get(settings[Row.of(setting)].getInt(0));
  }

  @Override
  public double get(Setting.Real setting) {
    return settings[Row.of(setting)].getDouble(0);
  }

  @Override
  public String get(Setting.Text setting) {
    long address = settings[Row.of(setting)].getLong(0);
    return address == 0
        ? ""
        : MemorySegment.ofAddress(address).reinterpret(LONGEST_SETTING).getString(0);
  }

  @Override
  public int checkpointTimeoutSeconds() {
    return reader.checkpointTimeoutSeconds();
  }

  @Override
  public double checkpointCompletionTarget() {
    return completionTarget.getDouble(0);
  }

  @Override
  public int maxWalSizeMb() {
    return reader.maxWalSizeMb();
  }

  @Override
  public int minWalSizeMb() {
    return minWalSize.getInt(0);
  }

  @Override
  public int walSegmentMb() {
    return walSegmentMb;
  }

  @Override
  public boolean alterSystemAllowed() {
    return allowAlterSystem == null || allowAlterSystem.get(0) != 0;
  }

  @Override
  public boolean interruptPending() {
    return interruptPending.getInt(0) != 0;
  }

  @Override
  public CheckpointerStats checkpointerStats() {
    calls.invoke(Call.CHECKPOINTER_STATS);
    long address = calls.frame().result(0);
    long resetMicros = calls.frame().result(1);
    if (address == 0) {
      return new CheckpointerStats(CheckpointerStats.UNAVAILABLE, 0, resetMicros);
    }
    // The server keeps its statistics in one place.
    if (stats.address() != address) {
      stats = reader.checkpointerStats(address);
    }
    return new CheckpointerStats(reader.requested(stats), reader.timed(stats), resetMicros);
  }

  @Override
  public WalPosition walPosition() {
    calls.invoke(Call.WAL_POSITION);
    Frame frame = calls.frame();
    return new WalPosition(frame.result(0), frame.result(1), frame.result(2));
  }

  @Override
  public long monotonicNanos() {
    return System.nanoTime();
  }

  @Override
  public void alterSystemSet(String name, int value) {
    calls.frame().putText(0, name);
    calls.frame().putInt(0, value);
    calls.invoke(Call.ALTER_SYSTEM_SET);
  }

  @Override
  public void alterSystemReset(String name) {
    calls.frame().putText(0, name);
    calls.invoke(Call.ALTER_SYSTEM_RESET);
  }

  @Override
  public String reload() {
    calls.invoke(Call.RELOAD);
    return calls.frame().text(0);
  }

  @Override
  public void report(Level level, String message, String detail, String hint) {
    calls.report(level, message, detail, hint);
  }

  @Override
  public @Nullable String query(String sql, String first, String second) {
    return run(sql, first, second, true);
  }

  @Override
  public @Nullable String execute(String sql, String first, String second) {
    return run(sql, first, second, false);
  }

  private @Nullable String run(String sql, String first, String second, boolean readOnly) {
    Frame frame = calls.frame();
    frame.putText(0, sql);
    frame.putText(1, first);
    frame.putText(2, second);
    frame.putInt(0, readOnly ? 1 : 0);
    calls.invoke(Call.EXECUTE);
    return frame.result(1) == 0 ? null : frame.text(0);
  }

  @Override
  public long walDiskFreeBytes() {
    calls.invoke(Call.WAL_DISK_FREE);
    return calls.frame().result(1);
  }

  @Override
  public LocalTime localTime(String zone) {
    calls.frame().putText(0, zone);
    calls.invoke(Call.LOCAL_TIME);
    return new LocalTime((int) calls.frame().result(1), (int) calls.frame().result(2));
  }

  @Override
  public Asked takeRequest() {
    if (asked.get(0) == 0) {
      return Asked.NOTHING;
    }
    calls.invoke(Call.TAKE_REQUEST);
    Frame frame = calls.frame();
    int oneBased = (int) frame.result(1);
    boolean reset = frame.result(2) != 0;
    return oneBased == 0
        ? new Asked(null, "", "", reset)
        : new Asked(Request.values()[oneBased - 1], frame.text(0), frame.text(1), reset);
  }

  @Override
  public void answer(String text) {
    calls.frame().putText(0, text);
    calls.invoke(Call.ANSWER);
  }

  @Override
  public SharedState state() {
    return state;
  }

  @Override
  public void publishState() {
    calls.invoke(Call.PUBLISH_STATE);
  }
}
