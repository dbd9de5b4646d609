package org.pgwalrus.jobs;

import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.JobServer;
import org.pgwalrus.backend.JobSettings;
import org.pgwalrus.backend.ProgressField;
import org.pgwalrus.backend.SharedState;

/**
 * What a running job shows of itself: at once in shared memory, now and then in its table and by
 * NOTIFY, both in transactions of their own.
 */
public final class Progress {

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private final JobServer server;
  private final ClaimedJob job;
  private final Books books;
  private final Plan plan;
  private final Percent percent;
  private final SharedState slot;
  private final Rate bytesRate = new Rate();
  private final Rate percentRate = new Rate();
  private final Schedule notifications = new Schedule();
  private final Schedule writes = new Schedule();

  Progress(JobServer server, ClaimedJob job, Books books, Plan plan) {
    this.server = server;
    this.job = job;
    this.books = books;
    this.plan = plan;
    percent = new Percent(plan);
    slot = server.progress();
    slot.set(ProgressField.TABLES_TOTAL, plan.tables());
    slot.set(ProgressField.ROWS_TOTAL, plan.rows());
    slot.set(ProgressField.BYTES_TOTAL, plan.bytes());
  }

  /** Shows a job that has only just begun, before it has a plan. */
  static void begin(JobServer server, ClaimedJob job) {
    SharedState slot = server.progress();
    slot.set(ProgressField.WORK_QUEUE_ID, job.id());
    slot.set(ProgressField.OPERATION_TYPE, job.operation());
    slot.set(ProgressField.OPERATION_ID, job.operationId());
    slot.set(ProgressField.STATUS, "running");
    slot.set(ProgressField.PHASE, "idle");
    server.publishProgress();
  }

  /** Shows how a job has ended, once that is in its table. */
  static void end(JobServer server, Outcome outcome) {
    SharedState slot = server.progress();
    slot.set(ProgressField.STATUS, outcome.status());
    slot.set(ProgressField.PHASE, outcome.status());
    slot.set(ProgressField.ERROR_MESSAGE, outcome.error());
    slot.set(ProgressField.ETA_SECONDS, 0);
    if (outcome.isComplete()) {
      slot.setReal(ProgressField.OVERALL_PERCENT, 100);
    }
    server.endJob();
  }

  void enter(Stage stage) {
    percent.enter(stage);
    slot.set(ProgressField.PHASE, stage.phase().sqlName());
    show(true);
  }

  /** The table that is being worked at, {@code schema.table}; empty when it is none. */
  public void table(String name) {
    slot.set(ProgressField.CURRENT_TABLE, name);
    show(false);
  }

  /** So many more tables are done. */
  public void tables(int more) {
    slot.set(ProgressField.TABLES_COMPLETED, slot.get(ProgressField.TABLES_COMPLETED) + more);
  }

  /** So many more rows are done. */
  public void rows(long more) {
    slot.set(ProgressField.ROWS_PROCESSED, slot.get(ProgressField.ROWS_PROCESSED) + more);
  }

  /** So many more bytes are done. */
  public void bytes(long more) {
    slot.set(ProgressField.BYTES_PROCESSED, slot.get(ProgressField.BYTES_PROCESSED) + more);
  }

  /** So many more of the stage's units are done, and all that was counted before is shown. */
  public void advance(long units) {
    percent.advance(units);
    show(false);
  }

  private void show(boolean newPhase) {
    long now = server.monotonicNanos();
    measure(now / NANOS_PER_SECOND);
    boolean announce =
        isDue(notifications, now, newPhase, server.get(JobSettings.NOTIFY_MIN_INTERVAL));
    boolean persist =
        isDue(writes, now, newPhase, 1000L * server.get(JobSettings.PROGRESS_PERSIST_INTERVAL));
    if (announce) {
      slot.increment(ProgressField.SEQ);
    }
    server.publishProgress();
    if (announce || persist) {
      books.share(job, persist, announce);
    }
  }

  private static boolean isDue(Schedule schedule, long now, boolean anyhow, long intervalMillis) {
    if (anyhow) {
      schedule.restart(now);
      return true;
    }
    return schedule.isDue(now, intervalMillis * NANOS_PER_MILLI);
  }

  private void measure(double seconds) {
    double done = percent.value();
    long bytes = slot.get(ProgressField.BYTES_PROCESSED);
    bytesRate.mark(seconds, (double) bytes);
    percentRate.mark(seconds, done);
    slot.setReal(ProgressField.OVERALL_PERCENT, done);
    slot.setReal(ProgressField.THROUGHPUT_BYTES_SEC, bytesRate.perSecond());
    slot.set(
        ProgressField.ETA_SECONDS,
        plan.bytes() > 0
            ? bytesRate.secondsFor((double) (plan.bytes() - bytes))
            : percentRate.secondsFor(100 - done));
  }
}
