package org.pgwalrus.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgwalrus.backend.CopierServer;

/** The copiers of one job. Main thread only. */
public final class Copiers {

  /** How long to wait for copiers that will say so when they are ready, milliseconds. */
  private static final int PATIENCE = 1000;

  /** How long for threads of the job, which cannot wake the main thread, milliseconds. */
  private static final int SHORT = 2;

  private final CopierServer server;
  private final Runnable checkPoint;
  private final List<Copier> copiers = new ArrayList<>();

  Copiers(CopierServer server, Runnable checkPoint) {
    this.server = server;
    this.checkPoint = checkPoint;
  }

  /** Starts one more; empty when the server has no worker to spare. */
  public Optional<Copier> open() {
    int number = server.open();
    if (number < 0) {
      return Optional.empty();
    }
    Copier copier = new Copier(server, number);
    copiers.add(copier);
    return Optional.of(copier);
  }

  /** Ends one and waits until it is gone. */
  public void close(Copier copier) {
    copiers.remove(copier);
    copier.close();
  }

  /** Starts a thread that copiers bring data to, or take it from. */
  public Thread start(String name, Runnable work) {
    return server.start(name, work);
  }

  /** Lets all work until one that was busy is idle. */
  public void awaitAny() {
    if (copiers.stream().allMatch(Copier::isIdle)) {
      throw new IllegalStateException("no copier is at work");
    }
    while (true) {
      checkPoint.run();
      boolean worked = false;
      for (Copier copier : copiers) {
        if (!copier.isIdle()) {
          worked |= copier.work();
          if (copier.isIdle()) {
            return;
          }
        }
      }
      if (!worked) {
        server.await(copiers.stream().anyMatch(Copier::isStalled) ? SHORT : PATIENCE);
      }
    }
  }

  /** Lets all work until one is idle. */
  public void await(Copier copier) {
    while (!copier.isIdle()) {
      awaitAny();
    }
  }

  /** Ends those that are left. */
  void close() {
    List.copyOf(copiers).forEach(this::close);
  }
}
