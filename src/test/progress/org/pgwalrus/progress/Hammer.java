package org.pgwalrus.progress;

import java.util.List;
import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobKind;
import org.pgwalrus.jobs.Phase;
import org.pgwalrus.jobs.Plan;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Stage;

/**
 * Shows progress as fast as it can, for as many seconds as its parameter says. All counts are the
 * same at any moment, and the name of the table ends with them or is one ahead.
 */
public final class Hammer implements JobKind {

  private static final int BLOWS = 1000;

  @Override
  public String operation() {
    return "trial_hammer";
  }

  @Override
  public Job open(Session session) {
    return new Job() {
      private int shown;
      private long end;

      @Override
      public Plan plan() {
        end = System.nanoTime() + Long.parseLong(session.parameter("seconds")) * 1_000_000_000;
        return new Plan(0, 0, 0, List.of(new Stage(Phase.DATA, 1, 1L << 40, this::blows)));
      }

      private boolean blows(Progress progress) {
        for (int i = 0; i < BLOWS; i++) {
          shown++;
          progress.table("a_schema_with_quite_a_long_name.a_table_with_the_number_" + shown);
          progress.tables(1);
          progress.rows(1);
          progress.bytes(1);
          progress.advance(1);
        }
        return System.nanoTime() < end;
      }

      @Override
      public void undo() {}
    };
  }
}
