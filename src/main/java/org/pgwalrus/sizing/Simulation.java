package org.pgwalrus.sizing;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs the engine over given WAL rates, so that settings can be tried on paper.
 *
 * <p>The model is simple: in each interval of one {@code checkpoint_timeout} WAL flows evenly, the
 * size does not change how much of it there is, a checkpoint takes no time, and the engine looks at
 * the end. There is nothing to react to early, so a real server may do better.
 */
public final class Simulation {

  /** Beyond what any storage writes; larger numbers would overflow a WAL position in the end. */
  private static final double MOST_MB_PER_SECOND = 1e6;

  private final Setup setup;
  private final SimulatedCheckpoints checkpoints;
  private int sizeMb;
  private State state = State.initial();

  /**
   * What the simulated server is like.
   *
   * @param startMb {@code max_wal_size} at first, in MB, 2 or more
   * @param timeoutSeconds {@code checkpoint_timeout} in seconds, 30 or more
   * @param completionTarget {@code checkpoint_completion_target}, 0 to 1
   * @param segmentMb the WAL segment size in MB
   * @param policy the settings to try
   */
  public record Setup(
      int startMb, int timeoutSeconds, double completionTarget, int segmentMb, Policy policy) {}

  /**
   * One interval.
   *
   * @param interval its number, from 1
   * @param rateMbPerSecond the WAL rate in MB/s
   * @param sizeMb the size in force during it, in MB
   * @param forcedCheckpoints how many checkpoints WAL forced
   * @param action the action decided at its end, named as in the history, or {@code none}
   */
  public record Row(
      int interval, double rateMbPerSecond, int sizeMb, long forcedCheckpoints, String action) {}

  private Simulation(Setup setup) {
    this.setup = setup;
    this.checkpoints = new SimulatedCheckpoints(setup.timeoutSeconds());
    this.sizeMb = setup.startMb();
  }

  /**
   * The intervals that these rates make, one each.
   *
   * @throws IllegalArgumentException if a rate is not between 0 and 1000000 MB/s
   */
  public static List<Row> run(double[] ratesPerInterval, Setup setup) {
    Simulation simulation = new Simulation(setup);
    simulation.look();
    List<Row> rows = new ArrayList<>();
    for (double rate : ratesPerInterval) {
      if (!(rate >= 0 && rate <= MOST_MB_PER_SECOND)) {
        throw new IllegalArgumentException(
            "WAL rate must be between 0 and 1000000 MB/s, is " + rate);
      }
      rows.add(simulation.interval(rows.size() + 1, rate));
    }
    return rows;
  }

  private Row interval(int number, double rate) {
    int inForceMb = sizeMb;
    long before = checkpoints.forced();
    TriggerDistance distance =
        TriggerDistance.of(sizeMb, setup.completionTarget(), setup.segmentMb());
    checkpoints.run(rate, distance);
    return new Row(number, rate, inForceMb, checkpoints.forced() - before, look());
  }

  /** What the engine does now, carried out. */
  private String look() {
    Sample sample = checkpoints.sample(sizeMb, setup.completionTarget(), setup.segmentMb());
    Observation observation = SizingEngine.observe(sample, setup.policy(), state);
    if (!(observation instanceof Observation.Due due)) {
      state = ((Observation.Undecided) observation).state();
      return "none";
    }
    Outcome outcome = SizingEngine.decide(due, sample, setup.policy(), Conditions.of(null));
    state = outcome.state();
    Decision decision = outcome.decision();
    if (decision instanceof Decision.Resize resize) {
      state = state.applied(resize.change(), sample.monotonicSeconds());
      sizeMb = resize.change().toMb();
      return resize.change().kind().text();
    }
    if (decision instanceof Decision.Blocked) {
      return "skipped";
    }
    return decision instanceof Decision.Trial ? "dry_run" : "none";
  }
}
