package org.pgwalrus.snapshot.apply;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.Progress;

/**
 * Runs statements on several sessions at once, but none together with one that takes the same
 * locks: two of those could wait for each other.
 */
final class Tasks {

  /**
   * A statement.
   *
   * @param label what it is about, for the progress
   * @param locks what it locks, by any names that all tasks share
   */
  record Task(String sql, String label, Set<String> locks) {}

  private final Copiers copiers;
  private final List<Copier> sessions;
  private final List<Task> waiting;
  private final Map<Copier, Task> running = new HashMap<>();
  private final Set<String> locked = new HashSet<>();

  Tasks(Copiers copiers, List<Copier> sessions, List<Task> tasks) {
    this.copiers = copiers;
    this.sessions = sessions;
    waiting = new ArrayList<>(tasks);
  }

  /** Lets the sessions work until something has ended; false when nothing is left. */
  boolean step(Progress progress) {
    for (Copier session : sessions) {
      if (session.isIdle()) {
        finish(session, progress);
        begin(session, progress);
      }
    }
    if (running.isEmpty()) {
      return false;
    }
    copiers.awaitAny();
    return true;
  }

  private void finish(Copier session, Progress progress) {
    Task done = running.remove(session);
    if (done != null) {
      session.check();
      locked.removeAll(done.locks());
      progress.advance(1);
    }
  }

  private void begin(Copier session, Progress progress) {
    for (Iterator<Task> tasks = waiting.iterator(); tasks.hasNext(); ) {
      Task task = tasks.next();
      if (task.locks().stream().noneMatch(locked::contains)) {
        tasks.remove();
        locked.addAll(task.locks());
        running.put(session, task);
        progress.table(task.label());
        session.run(task.sql());
        return;
      }
    }
  }
}
