package org.pgwalrus.progress;

import java.util.List;
import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobKind;
import org.pgwalrus.jobs.Phase;
import org.pgwalrus.jobs.Plan;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Stage;

/** Ten steps; after the fourth it waits while somebody holds the advisory lock 1. */
public final class Gated implements JobKind {

  private static final int STEPS = 10;
  private static final int GATE = 4;
  private static final String PASS = "SELECT pg_catalog.pg_advisory_xact_lock_shared(1)";

  @Override
  public String operation() {
    return "trial_gate";
  }

  @Override
  public Job open(Session session) {
    return new Job() {
      private int done;

      @Override
      public Plan plan() {
        return new Plan(
            STEPS,
            STEPS * 100,
            STEPS * 1000,
            List.of(
                new Stage(Phase.DATA, 90, STEPS, this::step),
                new Stage(Phase.FINALIZING, 10, 1, progress -> false)));
      }

      private boolean step(Progress progress) {
        if (done == STEPS) {
          return false;
        }
        if (done == GATE) {
          session.execute(PASS);
        }
        done++;
        progress.table("public.t" + done);
        progress.tables(1);
        progress.rows(100);
        progress.bytes(1000);
        progress.advance(1);
        return true;
      }

      @Override
      public void undo() {
        session.log("undone");
      }
    };
  }
}
