package org.pgwalrus.jobs;

import java.util.ArrayList;
import java.util.List;

/** Sessions for a job, as many as the server can give. */
public final class Streams {

  private static final String ASYNCHRONOUS = "SET synchronous_commit = off";

  private Streams() {}

  /**
   * Opens one that the job cannot do without, and waits until it is there.
   *
   * @throws JobException when the server has no worker to spare (53400)
   */
  public static Copier open(Session session) {
    return open(session, 1).getFirst();
  }

  /**
   * Opens at least one; fewer than wanted is a warning in the log.
   *
   * @throws JobException when the server has no worker to spare (53400)
   */
  public static List<Copier> open(Session session, int wanted) {
    List<Copier> streams = openSpare(session, wanted);
    check(session, streams.size(), wanted);
    return streams;
  }

  /**
   * Opens at least one whose commits do not wait for the disk, nor for a standby. A commit that
   * does, of any session, makes all that were before it last as well.
   *
   * @throws JobException when the server has no worker to spare (53400)
   */
  public static List<Copier> openAsynchronous(Session session, int wanted) {
    List<Copier> streams = open(session, wanted);
    streams.forEach(stream -> stream.run(ASYNCHRONOUS));
    for (Copier stream : streams) {
      session.copiers().await(stream);
      stream.check();
    }
    return streams;
  }

  /** Opens as many as there are workers to spare, none perhaps, and waits until they are there. */
  public static List<Copier> openSpare(Session session, int wanted) {
    List<Copier> streams = new ArrayList<>();
    for (int i = 0; i < wanted; i++) {
      session.copiers().open().ifPresent(streams::add);
    }
    streams.forEach(session.copiers()::await);
    return streams;
  }

  /**
   * Warns in the log when there are fewer than wanted.
   *
   * @throws JobException when there is none, and some are wanted (53400)
   */
  public static void check(Session session, int opened, int wanted) {
    if (opened == 0 && wanted > 0) {
      throw new JobException(
          "the server has no worker to spare (SQLSTATE 53400)\n"
              + "HINT: Raise max_worker_processes, or wait until other work is done.");
    }
    if (opened < wanted) {
      session.warn(
          "only " + opened + " of " + wanted + " streams: the server has no worker to spare");
    }
  }
}
