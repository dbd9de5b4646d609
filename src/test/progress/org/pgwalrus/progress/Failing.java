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

/**
 * Fails with the message of its parameters, repeated as often as they say, and a character by its
 * number, which the database need not know.
 */
public final class Failing implements JobKind {

  @Override
  public String operation() {
    return "trial_fail";
  }

  @Override
  public Job open(Session session) {
    return new Job() {
      @Override
      public Plan plan() {
        return new Plan(0, 0, 0, List.of(new Stage(Phase.DATA, 1, 1, this::fail)));
      }

      private boolean fail(Progress progress) {
        int times = Integer.parseInt(session.parameter("times"));
        String character = session.parameter("character");
        throw new JobException(
            session.parameter("message").repeat(times)
                + (character == null ? "" : Character.toString(Integer.parseInt(character))));
      }

      @Override
      public void undo() {}
    };
  }
}
