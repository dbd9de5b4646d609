package org.pgwalrus.jobs;

import java.util.List;
import java.util.function.Supplier;

/** A kind whose jobs do what a test says, and tell the server's events when they are undone. */
final class FakeKind implements JobKind {

  static final String NAME = "fake";

  private final FakeJobServer server;

  /** What {@link Job#plan} returns; it may throw instead. */
  Supplier<Plan> plan = () -> plan(Phase.DATA, 1, _ -> false);

  /** What happens when a job is undone. */
  Runnable undo = () -> {};

  FakeKind(FakeJobServer server) {
    this.server = server;
  }

  static Plan plan(Phase phase, long units, Stage.Step step) {
    return new Plan(0, 0, 0, List.of(new Stage(phase, 1, units, step)));
  }

  /** One stage that throws. */
  void fail(RuntimeException failure) {
    plan =
        () ->
            plan(
                Phase.DATA,
                1,
                _ -> {
                  throw failure;
                });
  }

  @Override
  public String operation() {
    return NAME;
  }

  @Override
  public Job open(Session session) {
    return new Job() {
      @Override
      public Plan plan() {
        server.events.add("plan " + session.id());
        return plan.get();
      }

      @Override
      public void undo() {
        server.events.add("undo " + session.id());
        undo.run();
      }
    };
  }
}
