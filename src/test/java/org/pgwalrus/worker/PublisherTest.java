package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.pgwalrus.worker.Examples.EVIDENCE;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.backend.LimitSettings;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.ChangeLedger;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Disk;
import org.pgwalrus.sizing.Limit;
import org.pgwalrus.sizing.Observation;
import org.pgwalrus.sizing.SizingEngine;
import org.pgwalrus.sizing.State;
import org.pgwalrus.sizing.Stay;
import org.pgwalrus.sizing.Step;
import org.pgwalrus.sizing.Trigger;
import org.pgwalrus.sizing.WalRates;

/** What SQL functions get to see. */
class PublisherTest {

  private static final Decision QUIET =
      new Decision.Quiet(EVIDENCE, 2, new Stay(Stay.Reason.COUNTING, 1024, 1024, 1024));

  private final FakeServer server = new FakeServer();
  private final Observer observer =
      new Observer(server, new PolicyReader(server), new Profiles(server, new Events(server)));
  private final Publisher publisher = new Publisher(server, new StateStore(server));

  private Look look() {
    return observer.look(server.nanos);
  }

  private void sample() {
    publisher.sample(look(), State.initial());
  }

  private void decision(Decision decision, Trigger trigger, List<Step> steps) {
    publisher.decision(decision, trigger, steps, look(), State.initial(), null, Double.NaN);
  }

  private void decision(Decision decision) {
    decision(decision, Trigger.REACTIVE, List.of());
  }

  private long state(StateField field) {
    return server.state().get(field);
  }

  private double real(StateField field) {
    return server.state().real(field);
  }

  @Test
  void aSampleShowsTheServersNumbers() {
    sample();

    assertThat(state(StateField.SAMPLES)).isEqualTo(1);
    assertThat(state(StateField.REQUESTED_CHECKPOINTS)).isEqualTo(57);
    assertThat(state(StateField.TIMED_CHECKPOINTS)).isEqualTo(3);
    assertThat(state(StateField.LAST_CHECK_TIME)).isEqualTo(FakeServer.WALL_MICROS);
    assertThat(state(StateField.CURRENT_SIZE_MB)).isEqualTo(1024);
    assertThat(state(StateField.TRIGGER_DISTANCE_MB)).isEqualTo(528);
    assertThat(server.published).isEqualTo(1);
  }

  @Test
  void theRateIsThatSinceTheLastSample() {
    sample();
    assertThat(real(StateField.WAL_RATE_MB_SEC)).as("nothing to compare with").isZero();

    server.pass(10);
    server.insertLsn += 50 * FakeServer.MB;
    sample();
    assertThat(real(StateField.WAL_RATE_MB_SEC)).isEqualTo(5, within(1e-9));
  }

  @Test
  void withoutNewWalTheRateIsZero() {
    sample();
    server.pass(10);
    server.insertLsn += 50 * FakeServer.MB;
    sample();
    server.pass(10);
    sample();

    assertThat(real(StateField.WAL_RATE_MB_SEC)).isZero();
  }

  @Test
  void aStepThatIsTooShortIsLeftToTheNext() {
    sample();
    server.pass(0.4);
    server.insertLsn += 50 * FakeServer.MB;
    sample();
    assertThat(real(StateField.WAL_RATE_MB_SEC)).isZero();

    server.pass(9.6);
    sample();
    assertThat(real(StateField.WAL_RATE_MB_SEC)).isEqualTo(5, within(1e-9));
  }

  @Test
  void walThatWentBackLeavesTheRateAsItWas() {
    sample();
    server.pass(10);
    server.insertLsn -= 50 * FakeServer.MB;
    sample();

    assertThat(real(StateField.WAL_RATE_MB_SEC)).isZero();
  }

  @Test
  void whatTheEngineRemembersIsShown() {
    Observation.Undecided baseline =
        (Observation.Undecided)
            SizingEngine.observe(look().sample(), Examples.policy(), State.initial());
    publisher.state(baseline.state());
    assertThat(state(StateField.BASELINE_VALID)).isEqualTo(1);
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(57);

    publisher.state(State.initial());
    assertThat(state(StateField.BASELINE_VALID)).isZero();
    assertThat(server.published).isEqualTo(2);
  }

  @Test
  void ratesAndLedgersAreStored() {
    publisher.state(
        State.restored(
            WalRates.of(new double[] {4}, 4),
            ChangeLedger.of(1, new double[] {1}),
            ChangeLedger.none()));

    assertThat(server.state().reals(StateField.RATE_SAMPLES)).containsExactly(4);
    assertThat(server.state().numbers(StateField.APPLIED_SEC)).containsExactly(1);
  }

  @Test
  void aDecisionShowsItsEvidence() {
    decision(QUIET);

    assertThat(state(StateField.ANALYSIS_CYCLES)).isEqualTo(1);
    assertThat(state(StateField.EARLY_DECISIONS)).isZero();
    assertThat(state(StateField.LAST_FORCED_CHECKPOINTS)).isEqualTo(5);
    assertThat(state(StateField.LAST_WAL_MB)).isEqualTo(2700);
    assertThat(state(StateField.CURRENT_RECOMMENDATION_MB)).isEqualTo(1024);
    assertThat(server.state().text(StateField.LIMITING_FACTOR)).isEqualTo("none");
  }

  @Test
  void whatCameBeforeItsTimeIsCounted() {
    decision(QUIET, Trigger.EARLY, List.of());
    decision(QUIET, Trigger.PROACTIVE, List.of());

    assertThat(state(StateField.EARLY_DECISIONS)).isEqualTo(2);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isEqualTo(2);
  }

  @Test
  void theSizeThatItCameToIsTheRecommendation() {
    decision(new Decision.Resize(EVIDENCE, Examples.GROWTH, false));
    assertThat(state(StateField.CURRENT_RECOMMENDATION_MB)).isEqualTo(6144);
    decision(new Decision.Trial(EVIDENCE, Examples.CAPPED, false));
    assertThat(state(StateField.CURRENT_RECOMMENDATION_MB)).isEqualTo(4096);
    assertThat(server.state().text(StateField.LIMITING_FACTOR)).isEqualTo("walrus.max");
    decision(new Decision.Blocked(EVIDENCE, Examples.SHRINK, Examples.COOLDOWN, false));
    assertThat(state(StateField.CURRENT_RECOMMENDATION_MB)).isEqualTo(3072);
    assertThat(server.state().text(StateField.LIMITING_FACTOR)).isEqualTo("rate_limit");
  }

  @ParameterizedTest
  @CsvSource({"MAX, walrus.max", "DISK, disk", "RECOVERY, recovery_target", "NONE, none"})
  void whatKeepsTheSizeWhereItIsIsTheLimit(Limit limit, String text) {
    decision(new Decision.AlreadyThere(EVIDENCE, 1024, 1024, 4096, limit, false));

    assertThat(server.state().text(StateField.LIMITING_FACTOR)).isEqualTo(text);
  }

  private void decision(@Nullable Disk disk, State state, double fpiShare) {
    publisher.decision(QUIET, Trigger.REACTIVE, List.of(), look(), state, disk, fpiShare);
  }

  @Test
  void theDisksLimitIsAtLeastOneWhereSomebodyLooked() {
    decision(new Disk(1000, 0, 0), State.initial(), 0.5);
    assertThat(state(StateField.DISK_CAP_MB)).isEqualTo(800);
    decision(new Disk(0, 0, 0), State.initial(), 0.5);
    assertThat(state(StateField.DISK_CAP_MB)).isEqualTo(1);

    decision(null, State.initial(), 0.5);
    assertThat(state(StateField.DISK_CAP_MB)).isZero();
    server.set(LimitSettings.DISK_RESERVE, 0);
    decision(new Disk(1000, 0, 0), State.initial(), 0.5);
    assertThat(state(StateField.DISK_CAP_MB)).isZero();
  }

  @Test
  void aShareThatNobodyKnowsIsZeroInMemory() {
    decision(null, State.initial(), 0.5);
    assertThat(real(StateField.FPI_SHARE)).isEqualTo(0.5);
    decision(null, State.initial(), Double.NaN);
    assertThat(real(StateField.FPI_SHARE)).isZero();
  }

  @Test
  void theSizeThatTheRatesNeedIsShownOnceTheyAreKnown() {
    decision(null, State.initial(), 0.5);
    assertThat(state(StateField.RECOMMENDED_FLOOR_MB)).isZero();

    State measured =
        State.restored(
            WalRates.of(new double[] {10, 10, 10}, 10), ChangeLedger.none(), ChangeLedger.none());
    decision(null, measured, 0.5);
    // (1 + 0.9) * (10 MB/s * 300 s * 1.2 + 32 MB), in whole segments.
    assertThat(state(StateField.RECOMMENDED_FLOOR_MB)).isEqualTo(6912);
  }

  @Test
  void theStepsOfTheDecisionAreAJsonArray() {
    decision(
        QUIET,
        Trigger.REACTIVE,
        List.of(new Step("threshold", "2", "reached"), new Step("a", "b", "c")));

    assertThat(server.state().text(StateField.LAST_DECISION))
        .isEqualTo(
            "[{\"check\": \"threshold\", \"value\": \"2\", \"result\": \"reached\"},"
                + " {\"check\": \"a\", \"value\": \"b\", \"result\": \"c\"}]");
  }

  @Test
  void onlyWholeStepsAreShown() {
    Step step = new Step("requested checkpoints", "x".repeat(50), "y");
    String json = "{\"check\": \"requested checkpoints\", \"value\": \"" + step.value();
    decision(QUIET, Trigger.REACTIVE, Collections.nCopies(200, step));

    String shown = server.state().text(StateField.LAST_DECISION);
    assertThat(shown).startsWith("[" + json).endsWith("\"result\": \"y\"}]");
    assertThat(shown.length()).isBetween(3900, StateField.LAST_DECISION.length() - 1);
  }

  /** %g has no JSON for it. */
  @Test
  void nothingThatIsShownIsNotANumber() {
    sample();
    decision(null, State.initial(), Double.NaN);
    publisher.state(
        State.restored(
            WalRates.of(new double[] {4}, Double.NaN), ChangeLedger.none(), ChangeLedger.none()));

    for (StateField field : List.of(StateField.WAL_RATE_EMA, StateField.WAL_RATE_MB_SEC)) {
      assertThat(real(field)).as(field.cName()).isFinite();
    }
  }
}
