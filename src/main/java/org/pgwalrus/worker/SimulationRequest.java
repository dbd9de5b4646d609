package org.pgwalrus.worker;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.ShrinkSettings;
import org.pgwalrus.sizing.Algorithm;
import org.pgwalrus.sizing.GrowthPolicy;
import org.pgwalrus.sizing.Policy;
import org.pgwalrus.sizing.Sample;
import org.pgwalrus.sizing.ShrinkPolicy;
import org.pgwalrus.sizing.Simulation;

/**
 * Reads what {@code walrus.simulate()} sends, pairs of name and value with the rates as the last,
 * and runs it. What is not given is as it is set now.
 */
final class SimulationRequest {

  /** What the server takes for {@code max_wal_size} and {@code checkpoint_timeout}. */
  private static final int LEAST_MB = 2;

  private static final int SHORTEST_TIMEOUT = 30;
  private static final int LONGEST_TIMEOUT = 86_400;

  private final Map<String, String> given = new HashMap<>();

  private SimulationRequest(String argument) {
    for (String pair : argument.split(" ", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("not a name and a value: \"" + pair + "\"");
      }
      given.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
  }

  /**
   * The answer: for each rate the size in force, the forced checkpoints, and what was done. There
   * may be hundreds.
   *
   * @throws IllegalArgumentException when a value is none, or one with which no server would run
   */
  static String answer(String argument, Sample now, Policy policy) {
    SimulationRequest request = new SimulationRequest(argument);
    StringBuilder steps = new StringBuilder("[");
    for (Simulation.Row row : Simulation.run(request.rates(), request.setup(now, policy))) {
      steps.append(steps.length() > 1 ? "," : "").append('[').append(row.sizeMb()).append(',');
      steps.append(row.forcedCheckpoints()).append(',');
      Json.quote(steps, row.action());
      steps.append(']');
    }
    return new Json().raw("steps", steps.append(']').toString()).toString();
  }

  private double[] rates() {
    String[] texts = text("rates", "").split(",", -1);
    double[] rates = new double[texts.length];
    for (int i = 0; i < texts.length; i++) {
      rates[i] = Double.parseDouble(texts[i]);
    }
    return rates;
  }

  private Simulation.Setup setup(Sample now, Policy policy) {
    return new Simulation.Setup(
        number("start_size_mb", now.maxWalSizeMb(), LEAST_MB, Integer.MAX_VALUE),
        number(
            "checkpoint_timeout_sec",
            now.checkpointTimeoutSeconds(),
            SHORTEST_TIMEOUT,
            LONGEST_TIMEOUT),
        now.completionTarget(),
        now.walSegmentMb(),
        policy(policy));
  }

  private Policy policy(Policy set) {
    GrowthPolicy growth = set.growth();
    ShrinkPolicy shrink = set.shrink();
    return new Policy(
        number("max_mb", set.maxMb(), Settings.MAX),
        number("threshold", set.threshold(), Settings.THRESHOLD),
        set.countMode(),
        new GrowthPolicy(
            Algorithm.valueOf(
                text("algorithm", growth.algorithm().name()).toUpperCase(Locale.ROOT)),
            growth.additiveIncrementMb(),
            Boolean.parseBoolean(text("proactive_sizing", String.valueOf(growth.proactive()))),
            growth.earlyReaction()),
        new ShrinkPolicy(
            shrink.enabled(),
            factor(shrink.factor()),
            number("shrink_intervals", shrink.intervals(), ShrinkSettings.INTERVALS),
            number("min_size_mb", shrink.minSizeMb(), ShrinkSettings.MIN_SIZE)),
        set.rates(),
        set.rateLimit(),
        set.caps(),
        /* trial= */ false);
  }

  private double factor(double otherwise) {
    double factor = Double.parseDouble(text("shrink_factor", String.valueOf(otherwise)));
    Setting.Real range = ShrinkSettings.FACTOR;
    check(range.min() <= factor && factor <= range.max(), "shrink_factor");
    return factor;
  }

  private int number(String key, int otherwise, Setting.Int range) {
    return number(key, otherwise, range.min(), range.max());
  }

  private int number(String key, int otherwise, int least, int most) {
    String value = given.get(key);
    if (value == null) {
      return otherwise;
    }
    int number = Integer.parseInt(value);
    check(least <= number && number <= most, key);
    return number;
  }

  private static void check(boolean inRange, String key) {
    if (!inRange) {
      throw new IllegalArgumentException(key + " is out of range");
    }
  }

  private String text(String key, String otherwise) {
    return given.getOrDefault(key, otherwise);
  }
}
