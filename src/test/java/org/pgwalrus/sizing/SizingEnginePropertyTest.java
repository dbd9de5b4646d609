package org.pgwalrus.sizing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Arbitrary.anyScenario;
import static org.pgwalrus.sizing.Arbitrary.anySettings;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What holds for every input. */
class SizingEnginePropertyTest {

  /** With any legal settings the server restarts: it needs two segments. */
  @Test
  void aSizeToSetKeepsItsBounds() {
    Seeds.forEach(random -> {
      for (int i = 0; i < 100_000; i++) {
        Scenario scenario = anyScenario(random);
        Change change = changeOf(scenario.step(scenario.end(), before(scenario, random)));
        if (change != null) {
          assertThat(change.fromMb()).isEqualTo(scenario.end().maxWalSizeMb());
          assertThat(change.toMb()).isGreaterThanOrEqualTo(2 * scenario.end().walSegmentMb());
          if (change.kind() == Change.Kind.DECREASE) {
            assertShrink(scenario, change);
          } else {
            assertGrowth(scenario, change);
          }
        }
      }
    });
  }

  private static void assertGrowth(Scenario scenario, Change change) {
    int segmentMb = scenario.end().walSegmentMb();
    Ceiling ceiling = Ceiling.lowest(scenario.end(), scenario.policy(), scenario.disk());
    assertThat(change.toMb()).isGreaterThan(change.fromMb());
    assertThat(change.toMb()).isLessThanOrEqualTo(Math.max(ceiling.mb(), 2 * segmentMb));
    assertThat(change.toMb()).isLessThanOrEqualTo(Math.max(change.calculatedMb(), 2 * segmentMb));
    assertThat(change.kind() == Change.Kind.CAPPED).isEqualTo(change.limitedBy() == Limit.MAX);
    if (change.limitedBy() != Limit.NONE) {
      assertThat(change.limitedBy()).isEqualTo(ceiling.limit());
      assertThat(change.toMb() % segmentMb).isZero();
    }
  }

  private static void assertShrink(Scenario scenario, Change change) {
    Policy policy = scenario.policy();
    int segmentMb = scenario.end().walSegmentMb();
    int ceilingMb = Math.max(policy.maxMb() / segmentMb * segmentMb, 2 * segmentMb);
    assertThat(change.toMb()).isLessThan(change.fromMb());
    assertThat(change.toMb())
        .isGreaterThanOrEqualTo(Math.min(policy.shrink().minSizeMb(), ceilingMb));
    assertThat(change.limitedBy()).isEqualTo(Limit.NONE);
  }

  @Test
  void theSizeNeverFallsAsTheDeltaRises() {
    Seeds.forEach(random -> {
      for (int i = 0; i < 50_000; i++) {
        Scenario scenario =
            anyScenario(random).countMode(CountMode.REQUESTED).elapsed(300).timeout(300);
        long low = Arbitrary.count(random);
        GrowthSize less = growth(scenario.delta(low));
        GrowthSize more = growth(scenario.delta(Math.max(low, Arbitrary.count(random))));
        // A calculated size up to the ceiling stays as it is, so the step to the aligned
        // ceiling may lose the rest of a segment, and no more.
        assertThat(more.calculatedMb()).isGreaterThanOrEqualTo(less.calculatedMb());
        assertThat(more.targetMb()).isGreaterThan(less.targetMb() - scenario.end().walSegmentMb());
      }
    });
  }

  private static GrowthSize growth(Scenario scenario) {
    Scenario pressed = scenario.threshold(1);
    Interval interval = pressed.interval().extendedBy(pressed.end());
    Observation.Due due =
        new Observation.Due(interval, Trigger.REACTIVE, pressed.started().tracking(interval));
    Situation situation =
        Situation.of(due, pressed.end(), pressed.policy(), Conditions.of(pressed.disk()));
    return GrowthSize.of(situation, new Demand(Trigger.REACTIVE, 0));
  }

  @Test
  void theDeltaStaysWithinWhatWasCounted() {
    Seeds.forEach(random -> {
      for (int i = 0; i < 50_000; i++) {
        Evidence evidence = anyScenario(random).evidence();
        assertThat(evidence.delta()).isBetween(0L, evidence.rawDelta());
      }
    });
  }

  @Test
  void anySequenceOfSamplesLeavesAFreshIntervalAfterEachDecision() {
    Seeds.forEach(random -> {
      State state = State.initial();
      for (int i = 0; i < 100_000; i++) {
        Scenario settings = anySettings(random);
        Sample sample = anySample(settings, random, i);
        Outcome outcome = settings.step(sample, state);
        Decision decision = outcome.decision();
        if (decision instanceof Decision.Unavailable) {
          assertThat(outcome.state()).isSameAs(state);
        } else if (!(decision instanceof Decision.Waiting)) {
          Interval fresh = requireNonNull(outcome.state().interval());
          assertThat(fresh.startSeconds()).isEqualTo(sample.monotonicSeconds());
          assertThat(fresh.countMode()).isEqualTo(settings.policy().countMode());
          assertThat(fresh.baseRequested()).isEqualTo(sample.requestedCheckpoints());
          assertThat(fresh.explained()).isZero();
          assertThat(fresh.flow().pressedSince()).isNull();
        }
        assertThat(outcome.state().quietIntervals()).isBetween(0, state.quietIntervals() + 1);
        assertThat(outcome.steps().isEmpty()).isEqualTo(decision.evidence() == null);
        state = outcome.state();
      }
    });
  }

  /** Mostly a plausible next sample, now and then anything at all. */
  private static Sample anySample(Scenario settings, RandomGenerator random, int step) {
    if (random.nextInt(50) == 0) {
      return settings.sampleAtBytes(
          step * 100.0, random.nextLong(), random.nextLong(), random.nextLong());
    }
    long walMb = step * 300L;
    return settings.sample(step * 100.0, step * 2L + random.nextInt(3), walMb, walMb / 2);
  }

  @Test
  void shrinkingNeverGoesBelowTheFloor() {
    Seeds.forEach(random -> {
      Scenario scenario = anySettings(random).limit(0, 1000);
      State state = scenario.started();
      int sizeMb = 1 << 20;
      long requested = 0;
      long insertMb = 0;
      int shrinks = 0;
      for (int i = 1; i <= 1_000_000; i++) {
        if (random.nextInt(500) == 0) {
          scenario = anySettings(random).limit(0, 1000).size(sizeMb);
        }
        requested += random.nextInt(20) == 0 ? random.nextInt(5) : 0;
        insertMb += random.nextInt(500);
        Sample sample = scenario.size(sizeMb).sample(300.0 * i, requested, insertMb, insertMb);
        Outcome outcome = scenario.step(sample, state);
        state = outcome.state();
        if (outcome.decision() instanceof Decision.Resize resize) {
          Change change = resize.change();
          state = state.applied(change, sample.monotonicSeconds());
          sizeMb = change.toMb();
          if (change.kind() == Change.Kind.DECREASE) {
            assertShrink(scenario, change);
            shrinks++;
          }
        }
      }
      assertThat(shrinks).isGreaterThan(1000);
    });
  }

  @Test
  void aRecommendationIsWhatWouldBeDecided() {
    Seeds.forEach(random -> {
      int changes = 0;
      for (int i = 0; i < 100_000; i++) {
        Scenario scenario = anyScenario(random);
        State before = before(scenario, random);
        Recommendation recommendation =
            Recommendation.of(
                scenario.end(), scenario.policy(), Conditions.of(scenario.disk()), before);
        Outcome outcome = scenario.step(scenario.end(), before);
        if (outcome.decision().evidence() != null) {
          Change change = changeOf(outcome);
          assertThat(recommendation.change())
              .isEqualTo(change == null ? null : change.by(Trigger.MANUAL));
          assertThat(recommendation.evidence()).isEqualTo(outcome.decision().evidence());
          changes += change == null ? 0 : 1;
        }
      }
      assertThat(changes).isGreaterThan(10_000);
    });
  }

  /** The interval with no sample, or with one somewhere in it. */
  private static State before(Scenario scenario, RandomGenerator random) {
    State started = scenario.started();
    if (random.nextBoolean()) {
      return started;
    }
    Sample end = scenario.end();
    Sample between =
        scenario.sampleAtBytes(
            end.monotonicSeconds() * random.nextDouble(),
            random.nextLong(Math.max(1, end.requestedCheckpoints())),
            random.nextLong(Math.max(1, end.insertLsn())),
            0);
    return scenario.step(between, started).state();
  }

  private static @Nullable Change changeOf(Outcome outcome) {
    return switch (outcome.decision()) {
      case Decision.Resize resize -> resize.change();
      case Decision.Trial trial -> trial.change();
      case Decision.Blocked blocked -> blocked.change();
      default -> null;
    };
  }
}
