package org.pgwalrus.sizing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes a sample through the engine as the worker does: observes and, where due, decides. */
final class Driver {

  private Driver() {}

  static Outcome step(Sample sample, Policy policy, @Nullable Disk disk, State state) {
    return switch (SizingEngine.observe(sample, policy, state)) {
      case Observation.Undecided undecided ->
          new Outcome(undecided.decision(), undecided.state(), List.of());
      case Observation.Due due -> SizingEngine.decide(due, sample, policy, Conditions.of(disk));
    };
  }
}
