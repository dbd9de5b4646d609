package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgwalrus.backend.Asked;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Request;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.sizing.ChangeLedger;
import org.pgwalrus.sizing.Interval;
import org.pgwalrus.sizing.Observation;
import org.pgwalrus.sizing.SizingEngine;
import org.pgwalrus.sizing.State;

/** What SQL functions are answered. */
class RequestDeskTest {

  /** Three forced checkpoints in ten seconds. */
  private static final String ADVICE =
      "\"current_size_mb\": 1024, \"recommended_size_mb\": 4096, \"action\": \"increase\","
          + " \"reason\": \"3 forced checkpoints detected, recommend increase to 4096 MB\","
          + " \"confidence\": 85";

  private static final String ANALYZED = "{\"analyzed\": true, \"recommendation\": {" + ADVICE;

  private final FakeServer server = new FakeServer();
  private final PolicyReader policies = new PolicyReader(server);
  private final Events events = new Events(server);
  private final Observer observer = new Observer(server, policies, new Profiles(server, events));
  private final SizeWriter writer = new SizeWriter(server);
  private final History history = new History(server, events);
  private final Executor executor =
      new Executor(server, new DecisionLog(server), writer, history, events);
  private final RequestDesk desk = new RequestDesk(server, policies, writer, executor, history);

  private State state = State.initial();

  @BeforeEach
  void letAStormBegin() {
    Look look = observer.look(server.nanos);
    state = ((Observation.Undecided) observe(look)).state();
    server.pass(10);
    server.force(3);
  }

  private Observation observe(Look look) {
    return SizingEngine.observe(look.sample(), look.policy(), state);
  }

  private void serve(Request request, String argument) {
    Look look = observer.underSettingsNow(observer.look(server.nanos));
    Circumstances now = Examples.circumstances(look.policy(), /* fpiShare= */ Double.NaN);
    Asked asked = new Asked(request, argument, FakeServer.ROLE, false);
    state = desk.serve(request, asked, look, state, new Surroundings(null, 0, 0), now);
  }

  private void apply() {
    serve(Request.APPLY, "");
  }

  private void settle() {
    desk.settle(Asked.NOTHING, server.nanos);
  }

  private String answer() {
    assertThat(server.answers).hasSize(1);
    return server.answers.getFirst();
  }

  @Test
  void aRecommendationHasItsEvidenceAndChangesNothing() {
    State before = state;
    serve(Request.RECOMMENDATION, "");

    assertThat(answer())
        .isEqualTo(
            "{"
                + ADVICE
                + ", \"evidence\": {\"samples\": 0, \"interval_sec\": 10.0, \"raw_delta\": 3,"
                + " \"effective_delta\": 3, \"wal_mb\": 1900, \"trigger_distance_mb\": 528,"
                + " \"rate_p95_mb_sec\": null, \"fpi_share\": null}, \"limited_by\": \"none\","
                + " \"dry_run\": false}");
    assertThat(state).isSameAs(before);
    assertThat(server.written).isEmpty();
    assertThat(server.log).isEmpty();
  }

  @Test
  void withoutABaselineThereIsNoEvidence() {
    state = State.initial();
    serve(Request.RECOMMENDATION, "");

    assertThat(answer())
        .contains("\"reason\": \"awaiting baseline checkpoint count\"", "\"evidence\": null");
  }

  @ParameterizedTest
  @EnumSource
  void aRecommendationSaysWhetherSizesAreOnlyAdvised(Why why) {
    why.set(server);
    serve(Request.RECOMMENDATION, "");

    assertThat(answer()).endsWith("\"dry_run\": true}");
  }

  enum Why {
    DRY_RUN("dry_run"),
    ADVISE("apply_mode"),
    RELEASED("apply_mode");

    private final String blockedBy;

    Why(String blockedBy) {
      this.blockedBy = blockedBy;
    }

    void set(FakeServer server) {
      switch (this) {
        case DRY_RUN -> server.set(OperationSettings.DRY_RUN, true);
        case ADVISE -> server.set(OperationSettings.APPLY_MODE, "advise");
        case RELEASED -> server.state().set(StateField.RELEASED, 1);
      }
    }
  }

  @Test
  void anAppliedSizeIsAnsweredWhenItIsInForce() {
    apply();
    assertThat(server.written).containsExactly(4096);
    settle();
    assertThat(server.answers).as("not yet seen").isEmpty();
    assertThat(desk.isWaiting()).isTrue();

    writer.verify(true, server.nanos);
    settle();
    assertThat(answer())
        .isEqualTo(ANALYZED + "}, \"applied\": true, \"blocked_by\": null, \"effective\": true}");
    assertThat(desk.isWaiting()).isFalse();
    settle();
    assertThat(server.answers).as("once").hasSize(1);
  }

  @Test
  void anAppliedSizeThatIsOverriddenIsAnsweredAsSuch() {
    server.obeys = false;
    apply();
    writer.verify(true, server.nanos);
    settle();

    assertThat(answer()).endsWith("\"applied\": true, \"blocked_by\": null, \"effective\": false}");
  }

  @Test
  void theVerdictIsWaitedForForTwoSeconds() {
    server.obeys = false;
    apply();
    server.pass(1.9);
    settle();
    assertThat(server.answers).isEmpty();

    server.pass(0.1);
    settle();
    assertThat(answer()).endsWith("\"applied\": true, \"blocked_by\": null, \"effective\": null}");
  }

  /** The mailbox has one slot: a new request is there because whoever asked before has left. */
  @Test
  void anAnswerThatNobodyWaitsForDoesNotGoToTheNext() {
    apply();
    writer.verify(true, server.nanos);
    desk.settle(new Asked(Request.RECOMMENDATION, "", "bob", false), server.nanos);

    assertThat(server.answers).isEmpty();
    assertThat(desk.isWaiting()).isFalse();
  }

  @Test
  void anAppliedSizeStartsTheCooldownUsesNothingOfTheHourAndIsNotCountedAgain() {
    apply();

    assertThat(state.applied()).isEqualTo(ChangeLedger.of(15, new double[0]));
    assertThat(state.interval()).extracting(Interval::baseRequested).isEqualTo(60L);
    assertThat(server.state().get(StateField.TOTAL_ADJUSTMENTS)).isEqualTo(1);
    assertThat(server.database.rows())
        .singleElement()
        .asString()
        .contains(
            "\"action\": \"increase\"",
            "\"reason\": \"3 forced checkpoints detected, recommend increase to 4096 MB\"",
            "\"trigger\": \"manual\"",
            "\"source\": \"walrus.analyze\", \"confidence\": 85, \"user\": \"alice\"");
  }

  @ParameterizedTest
  @EnumSource
  void whereSizesAreOnlyAdvisedApplyingIsRecordedAsATrial(Why why) {
    why.set(server);
    State before = state;
    apply();

    assertThat(answer())
        .isEqualTo(
            ANALYZED
                + "}, \"applied\": false, \"blocked_by\": \""
                + why.blockedBy
                + "\", \"effective\": null}");
    assertThat(state).isSameAs(before);
    assertThat(server.written).isEmpty();
    assertThat(server.state().get(StateField.TOTAL_DRY_RUN)).isEqualTo(1);
    assertThat(server.database.rows())
        .singleElement()
        .asString()
        .contains("\"action\": \"dry_run\"", "\"would_apply\": \"increase\"");
  }

  @Test
  void anObstacleIsNamed() {
    server.alterSystemAllowed = false;
    apply();

    assertThat(answer()).contains("\"applied\": false, \"blocked_by\": \"allow_alter_system\"");
  }

  @Test
  void aRefusedWriteIsAnsweredAtOnce() {
    State before = state;
    server.refusal = new PgException("58030", "disk is full", "", "");
    apply();

    assertThat(answer())
        .endsWith(
            "\"applied\": false, \"blocked_by\": \"ALTER SYSTEM failed, see the server log\","
                + " \"effective\": null}");
    assertThat(state).isSameAs(before);
    assertThat(server.database.rows()).isEmpty();
  }

  @Test
  void whereNothingIsToBeChangedNothingIs() {
    state = State.initial();
    apply();

    assertThat(answer()).endsWith("\"applied\": false, \"blocked_by\": null, \"effective\": null}");
    assertThat(server.written).isEmpty();
    assertThat(server.database.rows()).isEmpty();
  }

  @Test
  void aSimulationIsAnsweredWithItsSteps() {
    serve(Request.SIMULATE, "rates=0.5");

    assertThat(answer()).isEqualTo("{\"steps\": [[1024,0,\"none\"]]}");
  }

  @Test
  void whatIsNoSimulationIsRefusedInWords() {
    serve(Request.SIMULATE, "nonsense");

    assertThat(answer()).isEqualTo("{\"error\": \"not a name and a value: \\\"nonsense\\\"\"}");
  }

  @Test
  void aSimulationTooLongToTellIsRefusedInWords() {
    String rates = Stream.generate(() -> "1").limit(1000).collect(Collectors.joining(","));
    serve(Request.SIMULATE, "rates=" + rates);

    assertThat(answer()).isEqualTo("{\"error\": \"the answer is too long, give fewer rates\"}");
  }

  @Test
  void aSizeIsReleasedAndAnsweredAtOnce() {
    server.maxWalSizeMb = 4096;
    serve(Request.RELEASE, "");

    assertThat(answer()).isEqualTo("{\"released\": true}");
    assertThat(server.written).containsOnlyNulls().hasSize(1);
    assertThat(server.state().get(StateField.RELEASED)).isEqualTo(1);
    assertThat(server.published).isPositive();
    assertThat(policies.advises()).isTrue();
  }

  @Test
  void aReleaseIsRecordedWithTheSizeThatCameIntoForce() {
    server.maxWalSizeMb = 4096;
    serve(Request.RELEASE, "");
    assertThat(server.database.rows()).as("not known yet").isEmpty();

    writer.verify(true, server.nanos);
    assertThat(server.database.rows())
        .singleElement()
        .asString()
        .contains(
            "\"action\": \"decrease\", \"old_size_mb\": 4096, \"new_size_mb\": 1024",
            "\"reason\": \"Released by walrus.release()\"",
            "\"metadata\": {\"source\": \"walrus.release\", \"timeline\": 7, \"user\": \"alice\","
                + " \"effective\": true}");
  }

  @Test
  void aSizeMayBeLeftBehind() {
    serve(Request.RELEASE, "2048");

    assertThat(server.written).containsExactly(2048);
    assertThat(answer()).isEqualTo("{\"released\": true}");
  }

  @Test
  void aReleaseThatFailsIsRefusedAndSizingGoesOn() {
    server.refusal = new PgException("58030", "disk is full", "", "");
    serve(Request.RELEASE, "");

    assertThat(answer()).isEqualTo("{\"error\": \"ALTER SYSTEM failed, see the server log\"}");
    assertThat(server.state().get(StateField.RELEASED)).isZero();
  }

  @Test
  void aReleaseToWhatIsNoSizeIsRefused() {
    serve(Request.RELEASE, "much");

    assertThat(answer()).isEqualTo("{\"error\": \"not a size in MB: much\"}");
    assertThat(server.written).isEmpty();
  }

  @Test
  void aRefusalIsAnError() {
    desk.refuse("extension is \"disabled\"");

    assertThat(answer()).isEqualTo("{\"error\": \"extension is \\\"disabled\\\"\"}");
  }

  @ParameterizedTest
  @EnumSource
  void onlyHandingBackAndPaperworkNeedNoSizing(Request request) {
    assertThat(RequestDesk.needsNoSizing(request))
        .isEqualTo(request == Request.RELEASE || request == Request.SIMULATE);
  }
}
