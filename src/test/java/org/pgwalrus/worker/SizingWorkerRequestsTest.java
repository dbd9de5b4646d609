package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pgwalrus.backend.GrowthSettings;
import org.pgwalrus.backend.LimitSettings;
import org.pgwalrus.backend.Request;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.StateField;

/** Requests come between samples and leave their times alone. */
class SizingWorkerRequestsTest {

  private final FakeServer server = new FakeServer();
  private final SizingWorker worker = new SizingWorker(server);

  @BeforeEach
  void letAStormBegin() {
    server.set(GrowthSettings.EARLY_REACTION, false);
    worker.cycle(false);
    server.pass(4);
    server.force(3);
  }

  private long state(StateField field) {
    return server.state().get(field);
  }

  private long ask(Request request, String argument) {
    server.ask(request, argument);
    return worker.cycle(false);
  }

  @Test
  void aRecommendationIsAnsweredAtOnceAndMovesNothing() {
    assertThat(ask(Request.RECOMMENDATION, "")).as("the next sample").isEqualTo(6_000);

    assertThat(server.answers).singleElement().asString().contains("\"action\": \"increase\"");
    assertThat(state(StateField.SAMPLES)).isEqualTo(1);
    assertThat(state(StateField.ANALYSIS_CYCLES)).isZero();
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(57);
  }

  @Test
  void anAppliedSizeIsLookedForSoonAndAnsweredAfterTheReload() {
    assertThat(ask(Request.APPLY, "")).isEqualTo(100);
    assertThat(server.written).containsExactly(4096);
    assertThat(server.answers).isEmpty();
    assertThat(state(StateField.REQUESTED_BASE)).isEqualTo(60);
    assertThat(state(StateField.LAST_APPLIED_SEC)).isEqualTo(9);
    assertThat(state(StateField.APPLIED_COUNT)).isZero();

    assertThat(worker.cycle(true)).isEqualTo(6_000);
    assertThat(server.answers).singleElement().asString().endsWith("\"effective\": true}");
  }

  @Test
  void anAppliedSizeThatIsOverriddenIsAnsweredAsSuch() {
    server.obeys = false;
    ask(Request.APPLY, "");
    worker.cycle(true);

    assertThat(server.answers).singleElement().asString().endsWith("\"effective\": false}");
    assertThat(server.database.sent(FakeDatabase.UPDATE).getFirst().second())
        .isEqualTo("{\"effective\": false}");
  }

  @Test
  void withoutAReloadTheAnswerComesAfterTwoSeconds() {
    server.obeys = false;
    ask(Request.APPLY, "");
    for (int i = 0; i < 19; i++) {
      server.pass(0.1);
      assertThat(worker.cycle(false)).isEqualTo(100);
    }
    assertThat(server.answers).isEmpty();
    server.pass(0.1);
    worker.cycle(false);

    assertThat(server.answers).singleElement().asString().endsWith("\"effective\": null}");
  }

  @Test
  void aSizeAppliedByHandHoldsBackTheNextChangeAndUsesNothingOfTheHour() {
    server.set(Settings.MAX, 1_000_000);
    server.set(LimitSettings.MAX_CHANGES_PER_HOUR, 1);
    server.set(LimitSettings.COOLDOWN, 400);
    ask(Request.APPLY, "");
    worker.cycle(true);
    server.pass(300);
    server.force(30);
    worker.cycle(false);
    assertThat(server.written).hasSize(1);
    assertThat(state(StateField.TOTAL_SKIPPED_COOLDOWN)).isEqualTo(1);

    server.pass(300);
    server.force(30);
    worker.cycle(false);
    assertThat(server.written).hasSize(2);
  }

  /** Who asked first has given up; the mailbox has one slot. */
  @Test
  void theNextToAskGetsTheirOwnAnswerAndNoOther() {
    server.obeys = false;
    ask(Request.APPLY, "");
    ask(Request.RECOMMENDATION, "");
    worker.cycle(true);

    assertThat(server.answers).singleElement().asString().contains("\"evidence\": {");
  }

  @ParameterizedTest
  @EnumSource(names = {"RECOMMENDATION", "APPLY"})
  void whileSizingIsOffNothingIsRecommended(Request request) {
    server.set(Settings.ENABLE, false);
    worker.cycle(true);
    ask(request, "");

    assertThat(server.answers).containsExactly("{\"error\": \"extension is disabled\"}");
    assertThat(server.written).isEmpty();
  }

  @Test
  void whileSizingIsOffTheSizeCanBeHandedBack() {
    server.set(Settings.ENABLE, false);
    worker.cycle(true);
    assertThat(ask(Request.RELEASE, "")).isEqualTo(SizingWorker.IDLE_MILLIS);

    assertThat(server.answers).containsExactly("{\"released\": true}");
    worker.cycle(true);
    assertThat(server.database.rows()).hasSize(1);
  }

  @Test
  void whatWaitsForTheTableIsWrittenAlsoWhileSizingIsOff() {
    server.database.dropHistory();
    ask(Request.RELEASE, "");
    server.set(Settings.ENABLE, false);
    worker.cycle(true);
    server.database.createHistory();
    server.pass(60);
    worker.cycle(false);

    assertThat(server.database.rows()).hasSize(1);
  }

  @Test
  void aReleasedSizeIsNotTakenBack() {
    ask(Request.RELEASE, "");
    worker.cycle(true);
    server.pass(300);
    worker.cycle(false);

    assertThat(server.written).containsOnlyNulls().hasSize(1);
    assertThat(state(StateField.TOTAL_DRY_RUN)).isEqualTo(1);
  }

  @Test
  void aRequestThatMakesNoSenseDoesNotStopTheCycle() {
    server.pass(6);
    ask(Request.SIMULATE, "nonsense");

    assertThat(server.answers).singleElement().asString().startsWith("{\"error\": ");
    assertThat(state(StateField.SAMPLES)).isEqualTo(2);
  }
}
