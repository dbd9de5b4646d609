package org.pgwalrus.jobs;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.ForeignJobServer;
import org.pgwalrus.backend.JobServer;
import org.pgwalrus.backend.RehearsalTable;

/**
 * Runs jobs without a server once, so that the JVM can record in its AOT cache what a real worker
 * will need. Run by the installation.
 */
public final class Rehearsal {

  /** What the server of a rehearsal answers. */
  public interface Script {

    /** The answer to a statement of the job itself. */
    @Nullable String value(String sql, String... parameters);

    /** The answer to a statement of a copier. */
    List<List<@Nullable String>> rows(String sql);
  }

  private final RehearsalTable table = new RehearsalTable();
  private final JobServer server;

  /** Starts a worker. */
  public Rehearsal() {
    Main.start(table.address(), table.rows(), BuildInfo.BUILD_ID);
    Main.cycle(false);
    server = ForeignJobServer.open(table.address(), table.rows(), BuildInfo.BUILD_ID);
  }

  /** Has a thread do something meanwhile. */
  public void start(Runnable work) {
    server.copiers().start("rehearsal", work);
  }

  /**
   * Runs one job.
   *
   * @throws IllegalStateException when it fails
   */
  public void run(String operation, Script script) {
    RehearsalServer stand =
        new RehearsalServer(server, new ClaimedJob(1, operation, "snap_rehearsal", false), script);
    new JobRunner(stand, JobKinds.onClassPath()).run();
    stand.check();
  }
}
