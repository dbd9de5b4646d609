package org.pgwalrus.snapshot;

import java.util.ArrayList;
import java.util.List;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Session;

/** Sessions for a job, as many as the server can give. */
public final class Streams {

  private Streams() {}

  /**
   * Opens one that the job cannot do without, and waits until it is there.
   *
   * @throws JobException when the server has no worker to spare (53400)
   */
  public static Copier open(Session session) {
    Copier copier =
        session
            .copiers()
            .open()
            .orElseThrow(() ->
                new JobException(
                    "the server has no worker to spare (SQLSTATE 53400)\n"
                        + "HINT: Raise max_worker_processes, or wait until other work is"
                        + " done."));
    session.copiers().await(copier);
    return copier;
  }

  /** Opens at least one; fewer than wanted is told in the log. */
  public static List<Copier> open(Session session, int wanted) {
    List<Copier> streams = new ArrayList<>();
    streams.add(open(session));
    for (int i = 1; i < wanted; i++) {
      session.copiers().open().ifPresent(streams::add);
    }
    if (streams.size() < wanted) {
      session.log(
          "only "
              + streams.size()
              + " of "
              + wanted
              + " streams: the server has no worker to spare");
    }
    streams.forEach(session.copiers()::await);
    return streams;
  }
}
