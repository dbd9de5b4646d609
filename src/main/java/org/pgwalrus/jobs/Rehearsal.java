package org.pgwalrus.jobs;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.CopierServer;
import org.pgwalrus.backend.ForeignJobServer;
import org.pgwalrus.backend.Interruption;
import org.pgwalrus.backend.JobServer;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.RehearsalTable;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.SharedState;

/**
 * Runs a job without a server once, so that the JVM can record in its AOT cache what a real worker
 * will need. Run by the installation.
 */
public final class Rehearsal {

  private Rehearsal() {}

  /** Runs the rehearsal; takes no arguments. */
  public static void main(String[] arguments) {
    RehearsalTable table = new RehearsalTable();
    Main.start(table.address(), table.rows(), BuildInfo.BUILD_ID);
    Main.cycle(false);
    JobServer server = ForeignJobServer.open(table.address(), table.rows(), BuildInfo.BUILD_ID);
    new JobRunner(new Stand(server), JobKinds.onClassPath()).run();
  }

  /**
   * The server of the rehearsal, with one job; it makes each call before it makes up the answer.
   */
  private static final class Stand implements JobServer {

    private final JobServer server;
    private boolean claimed;

    Stand(JobServer server) {
      this.server = server;
    }

    @Override
    public int get(Setting.Int setting) {
      return server.get(setting);
    }

    @Override
    public @Nullable ClaimedJob claim() {
      server.claim();
      if (claimed) {
        return null;
      }
      claimed = true;
      return new ClaimedJob(1, "schema_capture", "1", false);
    }

    @Override
    public @Nullable String execute(String sql, String... parameters) {
      server.execute(sql, parameters);
      return sql.contains("next_schema") ? null : "1";
    }

    @Override
    public @Nullable String executeAsOwner(String sql, String... parameters) {
      return server.executeAsOwner(sql, parameters);
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
      return server.copiers();
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
}
