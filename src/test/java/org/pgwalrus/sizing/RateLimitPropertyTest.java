package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** How often sizes change, whatever the load does. */
class RateLimitPropertyTest {

  @Test
  void noHourEverHasMoreChangesThanAllowed() {
    Seeds.forEach(random -> {
      for (int sequence = 0; sequence < 100_000; sequence++) {
        RateLimit limit = new RateLimit(random.nextInt(2) * random.nextInt(900), random.nextInt(7));
        List<Double> times = new ArrayList<>();
        ChangeLedger ledger = ChangeLedger.none();
        double now = random.nextDouble(1e6);
        for (int attempt = 0; attempt < 40; attempt++) {
          now += random.nextInt(3) == 0 ? 300 : random.nextDouble(900);
          if (limit.check(ledger, now) == null) {
            ledger = ledger.with(now);
            times.add(now);
          }
        }
        assertLimited(times, limit);
      }
    });
  }

  @Test
  void aStormyDayStaysWithinTheDefaults() {
    Seeds.forEach(random -> {
      Policy policy = scenario().countMode(CountMode.WAL).ceiling(65536).proactive().policy();
      SimulatedServer server =
          new SimulatedServer(random, 64, 16, 60).load(second -> stormyRate(second, random));
      SimulatedWorker worker = new SimulatedWorker(server, policy, 5);

      worker.run(24 * 3600);

      assertThat(worker.changes()).hasSizeGreaterThan(5);
      assertLimited(worker.changeTimes(), policy.rateLimit());
    });
  }

  private static double stormyRate(double second, RandomGenerator random) {
    return (long) (second / 600) % 3 == 0 ? random.nextDouble(60) : 1;
  }

  private static void assertLimited(List<Double> times, RateLimit limit) {
    int most = limit.changesPerHour();
    if (most == 0) {
      assertThat(times).isEmpty();
      return;
    }
    for (int i = 1; i < times.size(); i++) {
      assertThat(times.get(i)).isGreaterThanOrEqualTo(times.get(i - 1) + limit.cooldownSeconds());
      if (i >= most) {
        assertThat(times.get(i)).isGreaterThanOrEqualTo(times.get(i - most) + 3600);
      }
    }
  }
}
