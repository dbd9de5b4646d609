package org.pgwalrus.backend;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The server of a job worker, reached through the symbol table of the C library. */
public final class ForeignJobServer implements JobServer {

  /** The parameters of a statement. */
  private static final int PARAMETERS = 3;

  /** How long a check point may rely on its last look at the postmaster. */
  private static final long LOOK_NANOS = 1_000_000_000;

  private final SymbolTable table;
  private final GuardedCalls calls;
  private final ByteBuffer interruptPending;
  private final SharedState progress;
  private long lastLook;

  private ForeignJobServer(SymbolTable table) {
    this.table = table;
    calls = new GuardedCalls(table);
    interruptPending = LayoutTableReader.variable(table, Global.INTERRUPT_PENDING);
    ProgressField[] fields = ProgressField.values();
    progress = SharedState.in(table, fields, Row.of(fields[0]));
    lastLook = System.nanoTime();
  }

  /**
   * Takes the server from the table that C passes to the worker's start method.
   *
   * @throws IllegalStateException when library and jar do not belong together
   */
  public static JobServer open(long tableAddress, int rows, String buildId) {
    return new ForeignJobServer(SymbolTable.open(tableAddress, rows, buildId));
  }

  @Override
  public int get(Setting.Int setting) {
    MemorySegment memory = table.variable(Row.of(setting), CType.INT, setting.name());
    return Numbers.in(memory.asReadOnly()).getInt(0);
  }

  @Override
  public @Nullable ClaimedJob claim() {
    calls.invoke(Call.CLAIM_JOB);
    Frame frame = calls.frame();
    long id = frame.result(1);
    return id == 0 ? null : new ClaimedJob(id, frame.text(0), frame.text(1), frame.result(2) != 0);
  }

  @Override
  public @Nullable String execute(String sql, String... parameters) {
    return run(sql, parameters, 0);
  }

  @Override
  public @Nullable String executeAsOwner(String sql, String... parameters) {
    return run(sql, parameters, 1);
  }

  private @Nullable String run(String sql, String[] parameters, int asOwner) {
    if (parameters.length > PARAMETERS) {
      throw new IllegalArgumentException(parameters.length + " parameters, 3 at most");
    }
    Frame frame = calls.frame();
    frame.putText(0, sql);
    for (int i = 0; i < PARAMETERS; i++) {
      frame.putText(i + 1, i < parameters.length ? parameters[i] : "");
    }
    frame.putInt(0, asOwner);
    calls.invoke(Call.EXECUTE_FOR_JOB);
    return frame.result(1) == 0 ? null : frame.text(0);
  }

  @Override
  public void checkPoint() {
    long now = System.nanoTime();
    if (interruptPending.getInt(0) != 0 || now - lastLook >= LOOK_NANOS) {
      lastLook = now;
      calls.invoke(Call.CHECK_POINT);
    }
  }

  @Override
  public Interruption interruption() {
    calls.invoke(Call.INTERRUPTION);
    return Interruption.values()[(int) calls.frame().result(1)];
  }

  @Override
  public SharedState progress() {
    return progress;
  }

  @Override
  public void publishProgress() {
    calls.invoke(Call.PUBLISH_PROGRESS);
  }

  @Override
  public void endJob() {
    calls.invoke(Call.END_JOB);
  }

  @Override
  public void report(Level level, String message, String detail, String hint) {
    try {
      calls.report(level, message, detail, hint);
    } catch (PgException e) {
      // A character that the database's encoding lacks: what is told must not end the worker.
      calls.report(level, PlainText.of(message), PlainText.of(detail), PlainText.of(hint));
    }
  }

  @Override
  public long monotonicNanos() {
    return System.nanoTime();
  }

  @Override
  public CopierServer copiers() {
    return new ForeignCopierServer(calls);
  }
}
