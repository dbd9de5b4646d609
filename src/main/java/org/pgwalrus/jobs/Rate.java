package org.pgwalrus.jobs;

import java.util.ArrayDeque;
import java.util.Deque;

/** How fast an amount grows: by what came in the last ten seconds, not since the beginning. */
final class Rate {

  private static final double WINDOW_SECONDS = 10;

  /** Shorter spans say nothing. */
  private static final double SHORTEST_SECONDS = 0.5;

  /** Marks that are closer are kept as one: a fast job makes millions in ten seconds. */
  private static final double GRAIN_SECONDS = 0.1;

  private record Mark(double seconds, double amount) {}

  private final Deque<Mark> marks = new ArrayDeque<>();
  private double grainEnd;

  /** Takes note of the amount at a moment, which is never before the last one. */
  void mark(double seconds, double amount) {
    if (marks.size() > 1 && marks.getLast().seconds() < grainEnd) {
      marks.removeLast();
    } else {
      grainEnd = seconds + GRAIN_SECONDS;
    }
    marks.addLast(new Mark(seconds, amount));
    while (marks.size() > 2 && secondMark().seconds() <= seconds - WINDOW_SECONDS) {
      marks.removeFirst();
    }
  }

  private Mark secondMark() {
    var all = marks.iterator();
    all.next();
    return all.next();
  }

  /** How many marks are kept. */
  int marks() {
    return marks.size();
  }

  /** Amount a second; 0 while nothing can be said. */
  double perSecond() {
    if (marks.size() < 2) {
      return 0;
    }
    double seconds = marks.getLast().seconds() - marks.getFirst().seconds();
    double amount = marks.getLast().amount() - marks.getFirst().amount();
    return seconds < SHORTEST_SECONDS ? 0 : amount / seconds;
  }

  /** Whole seconds until as much more has come, 1 at least; 0 while nothing can be said. */
  int secondsFor(double more) {
    double rate = perSecond();
    return rate <= 0 || more <= 0
        ? 0
        : (int) Math.clamp(Math.ceil(more / rate), 1, Integer.MAX_VALUE);
  }
}
