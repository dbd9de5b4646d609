package org.pgwalrus.sizing;

import static org.pgwalrus.sizing.Scenario.scenario;

import java.util.random.RandomGenerator;

/** Random inputs: every legal value, near both ends and of everyday magnitude. */
final class Arbitrary {

  private Arbitrary() {}

  /** Any server and settings, within or at the end of any interval. */
  static Scenario anyScenario(RandomGenerator random) {
    Scenario scenario =
        anySettings(random)
            .size(size(random))
            .segment(1 << random.nextInt(11))
            .completionTarget(random.nextDouble(0.0, Math.nextUp(1.0)))
            .timeout(random.nextBoolean() ? 300 : random.nextInt(30, 86_401))
            .delta(count(random))
            .wal(random.nextLong(1L << random.nextInt(1, 43)))
            .quiet(random.nextInt(10))
            .rates(random.doubles(random.nextInt(6), 0, 200).toArray())
            .changedAt(random.doubles(random.nextInt(6), -4000, 0).sorted().toArray())
            .triedAt(random.doubles(random.nextInt(6), -4000, 0).sorted().toArray());
    return scenario.elapsed(scenario.end().checkpointTimeoutSeconds() * random.nextDouble(0.01, 4));
  }

  /** Any settings that the server accepts. */
  static Scenario anySettings(RandomGenerator random) {
    Algorithm[] algorithms = Algorithm.values();
    Scenario scenario =
        scenario()
            .ceiling(size(random))
            .threshold(1 + random.nextInt(random.nextBoolean() ? 3 : 1000))
            .countMode(random.nextBoolean() ? CountMode.WAL : CountMode.REQUESTED)
            .algorithm(algorithms[random.nextInt(algorithms.length)])
            .increment(random.nextInt(1, 1_048_577))
            .shrink(random.nextInt(1, 100) / 100.0, random.nextInt(1, 8), size(random))
            .ratePolicy(
                random.nextDouble(0.01, 1),
                random.nextDouble(1, 100),
                random.nextBoolean() ? 0 : random.nextDouble(1, 10))
            .limit(random.nextInt(1000), random.nextInt(1001))
            .caps(
                random.nextBoolean() ? 0 : random.nextDouble(90),
                random.nextBoolean() ? 0 : random.nextInt(86_401),
                random.nextInt(1, 100_001));
    if (random.nextBoolean()) {
      scenario.disk(count(random), count(random), random.nextInt(100_000));
    }
    if (random.nextBoolean()) {
      scenario.proactive();
    }
    if (random.nextInt(4) == 0) {
      scenario.withoutEarlyReaction();
    }
    if (random.nextInt(4) == 0) {
      scenario.withoutShrink();
    }
    if (random.nextInt(4) == 0) {
      scenario.trial();
    }
    return scenario;
  }

  static int size(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(2, 64);
      case 1 -> Integer.MAX_VALUE - random.nextInt(1100);
      default -> random.nextInt(2, 100_000);
    };
  }

  static long count(RandomGenerator random) {
    return switch (random.nextInt(5)) {
      case 0 -> Long.MAX_VALUE - random.nextInt(3);
      case 1 -> random.nextLong(Long.MAX_VALUE);
      case 2 -> Integer.MAX_VALUE + random.nextLong(-3, 4);
      default -> random.nextInt(20);
    };
  }
}
