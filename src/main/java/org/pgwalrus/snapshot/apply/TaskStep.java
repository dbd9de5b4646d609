package org.pgwalrus.snapshot.apply;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Stage;

/** Statements of a stage that are not known before it begins. */
final class TaskStep implements Stage.Step {

  private final Copiers copiers;
  private final List<Copier> sessions;
  private final Supplier<List<Tasks.Task>> source;
  private @Nullable Tasks tasks;

  TaskStep(Copiers copiers, List<Copier> sessions, Supplier<List<Tasks.Task>> source) {
    this.copiers = copiers;
    this.sessions = sessions;
    this.source = source;
  }

  @Override
  public boolean run(Progress progress) {
    if (tasks == null) {
      tasks = new Tasks(copiers, sessions, source.get());
    }
    return tasks.step(progress);
  }
}
