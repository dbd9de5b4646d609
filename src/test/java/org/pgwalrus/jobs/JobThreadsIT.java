package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.jobs.TrialCluster.CANCEL;
import static org.pgwalrus.jobs.TrialCluster.note;
import static org.pgwalrus.jobs.TrialCluster.script;

import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.SignalMasks;

/** The server's signal handlers run on the main thread of a job worker alone. */
class JobThreadsIT {

  @Test
  void onlyTheMainThreadTakesTheServersSignals() {
    try (TrialCluster trials = new TrialCluster().start()) {
      assertMasks(trials);
    }
  }

  /** An error that a cancel raises jumps out of a signal handler, in whatever mask it had. */
  @Test
  void errorsAndCancelsLeaveTheMasksAlone() {
    try (TrialCluster trials = new TrialCluster().start()) {
      String cancelMe =
          "sql DO $$ BEGIN PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(5);"
              + " EXCEPTION WHEN query_canceled THEN NULL; END $$";
      long job =
          trials.queue(
              "anna",
              script(
                  cancelMe,
                  "sql DO $$ BEGIN PERFORM 1/0; EXCEPTION WHEN OTHERS THEN NULL; END $$",
                  note("begun"),
                  "busy 600"));
      trials.await(job, "cancelled");
      assertMasks(trials);
    }
  }

  private static void assertMasks(TrialCluster trials) {
    long failed = trials.queue("anna", "sql SELECT 1/0");
    long job = trials.queue("anna", script("copier x thread", note("begun"), "busy 600"));
    trials.awaitEffect(job, "begun");
    assertThat(trials.status(failed)).isEqualTo("failed");

    SignalMasks.assertOnlyMainTakesSignals(trials.worker(job));

    assertThat(trials.cancel("anna", job)).isTrue();
    trials.await(job, "cancelled", CANCEL);
  }
}
