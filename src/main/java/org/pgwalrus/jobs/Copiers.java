package org.pgwalrus.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgwalrus.backend.CopierServer;

/** The copiers of one job. Main thread only, but for {@link #wake}. */
public final class Copiers {

  /** How long to wait for what will say so when it is ready, milliseconds. */
  private static final int PATIENCE = 1000;

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

  /** Ends one and waits until it is gone, unless it has been ended already. */
  public void close(Copier copier) {
    if (copiers.remove(copier)) {
      copier.close();
    }
  }

  /**
   * Starts a thread that copiers bring data to, or take it from. It wakes the main thread when it
   * is ready for more after it was not.
   */
  public Thread start(String name, Runnable work) {
    return server.start(name, work);
  }

  /** Has the main thread look at all copiers again. Any thread may call this. */
  public void wake() {
    server.wake();
  }

  /** Lets all work until one that was busy is idle. */
  public void awaitAny() {
    List<Copier> busy = busy();
    if (busy.isEmpty()) {
      throw new IllegalStateException("no copier is at work");
    }
    while (busy.stream().noneMatch(Copier::isIdle)) {
      workOrWait();
    }
  }

  private List<Copier> busy() {
    return copiers.stream().filter(copier -> !copier.isIdle()).toList();
  }

  /** Lets all work once; when there was nothing to do, waits until there may be. */
  public void workOrWait() {
    checkPoint.run();
    boolean worked = false;
    for (Copier copier : busy()) {
      worked |= copier.work();
    }
    if (!worked) {
      server.await(PATIENCE);
    }
  }

  /** Lets all work until one is idle. */
  public void await(Copier copier) {
    await(copier, () -> {});
  }

  /** The same, while the main thread does something else as well, without a wait. */
  public void await(Copier copier, Runnable meanwhile) {
    meanwhile.run();
    while (!copier.isIdle()) {
      workOrWait();
      meanwhile.run();
    }
  }

  /** Ends those that are left. */
  void close() {
    List.copyOf(copiers).forEach(this::close);
  }
}
