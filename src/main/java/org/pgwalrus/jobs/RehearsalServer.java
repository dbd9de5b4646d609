package org.pgwalrus.jobs;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.CopierServer;
import org.pgwalrus.backend.Interruption;
import org.pgwalrus.backend.JobServer;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.SharedState;

/** The server of a rehearsal, with one job; it makes each call before it makes up the answer. */
final class RehearsalServer implements JobServer {

  private final JobServer server;
  private final Rehearsal.Script script;
  private final RehearsalCopiers copiers;
  private @Nullable ClaimedJob next;
  private String complaints = "";

  RehearsalServer(JobServer server, ClaimedJob job, Rehearsal.Script script) {
    this.server = server;
    this.script = script;
    next = job;
    copiers = new RehearsalCopiers(server.copiers(), script);
  }

  void check() {
    if (!complaints.isEmpty()) {
      throw new IllegalStateException(complaints);
    }
  }

  @Override
  public int get(Setting.Int setting) {
    return server.get(setting);
  }

  @Override
  public @Nullable ClaimedJob claim() {
    server.claim();
    ClaimedJob job = next;
    next = null;
    return job;
  }

  @Override
  public @Nullable String execute(String sql, String... parameters) {
    server.execute(sql, parameters);
    return script.value(sql, parameters);
  }

  @Override
  public @Nullable String executeAsOwner(String sql, String... parameters) {
    server.executeAsOwner(sql, parameters);
    if (sql.contains("finish_work") && !parameters[1].equals(Outcome.COMPLETE.status())) {
      complaints = parameters[2];
    }
    return script.value(sql, parameters);
  }

  @Override
  public void checkPoint() {
    server.checkPoint();
  }

  @Override
  public Interruption interruption() {
    return server.interruption();
  }

  @Override
  public SharedState progress() {
    return server.progress();
  }

  @Override
  public void publishProgress() {
    server.publishProgress();
  }

  @Override
  public void endJob() {
    server.endJob();
  }

  @Override
  public CopierServer copiers() {
    return copiers;
  }

  @Override
  public void report(Level level, String message, String detail, String hint) {
    server.report(level, message, detail, hint);
  }

  @Override
  public long monotonicNanos() {
    return server.monotonicNanos();
  }
}
