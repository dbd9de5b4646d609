package org.pgwalrus.progress;

import java.util.List;
import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.JobKind;
import org.pgwalrus.jobs.Phase;
import org.pgwalrus.jobs.Plan;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Stage;

/** Three phases with as many steps as its parameters say, of so many milliseconds. */
public final class Paced implements JobKind {

  @Override
  public String operation() {
    return "trial_pace";
  }

  @Override
  public Job open(Session session) {
    return new Job() {
      private int steps;
      private long millis;
      private int done;

      @Override
      public Plan plan() {
        steps = Integer.parseInt(session.parameter("steps"));
        millis = Long.parseLong(session.parameter("millis"));
        return new Plan(
            3 * steps,
            0,
            0,
            List.of(
                new Stage(Phase.SCHEMA, 1, steps, progress -> step(progress, 1)),
                new Stage(Phase.DATA, 1, steps, progress -> step(progress, 2)),
                new Stage(Phase.VERIFY, 1, steps, progress -> step(progress, 3))));
      }

      private boolean step(Progress progress, int stage) {
        if (done == stage * steps) {
          return false;
        }
        try {
          Thread.sleep(millis);
        } catch (InterruptedException e) {
          throw new JobException("interrupted");
        }
        done++;
        progress.table("public.\"t " + done + "\"");
        progress.tables(1);
        progress.advance(1);
        return true;
      }

      @Override
      public void undo() {}
    };
  }
}
