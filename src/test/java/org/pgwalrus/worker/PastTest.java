package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.sizing.ChangeLedger;

/** What the history is asked for, and what is made of its answers. */
class PastTest {

  private final FakeServer server = new FakeServer();
  private final Past past = new Past(server, new History(server, new Events(server)));

  private void ages(String ages) {
    server.database.answer(FakeDatabase.LAST_HOUR, ages);
  }

  @Test
  void agesBecomeTimesOfTheEnginesClock() {
    ages("3000 1200 60");

    assertThat(past.lastHour(10_000))
        .isEqualTo(ChangeLedger.of(9_940, new double[] {7_000, 8_800, 9_940}));
  }

  @Test
  void aChangeByHandStartsTheCooldownAndUsesNothingOfTheHour() {
    ages("1200 60m");

    assertThat(past.lastHour(10_000)).isEqualTo(ChangeLedger.of(9_940, new double[] {8_800}));
  }

  @Test
  void aMachineThatHasRunForLessThanAnHourHasEarlierTimes() {
    ages("3000");

    assertThat(past.lastHour(100)).isEqualTo(ChangeLedger.of(-2_900, new double[] {-2_900}));
  }

  @Test
  void withoutChangesOrATableTheLedgerIsEmpty() {
    assertThat(past.lastHour(10_000)).isEqualTo(ChangeLedger.none());
    ages("");
    assertThat(past.lastHour(10_000)).isEqualTo(ChangeLedger.none());

    ages("60");
    server.database.dropHistory();
    assertThat(past.lastHour(10_000)).isEqualTo(ChangeLedger.none());
    assertThat(server.log).isEmpty();
  }

  @Test
  void theSizeBeforeThePromotionIsAskedForWithTheTimeline() {
    server.database.answer(FakeDatabase.BEFORE_PROMOTION, "8192");

    assertThat(past.sizeBeforePromotion(7)).isEqualTo(8192);
    assertThat(server.database.sent(FakeDatabase.BEFORE_PROMOTION))
        .singleElement()
        .satisfies(statement -> assertThat(statement.first()).isEqualTo("7"));
  }

  @Test
  void withoutSuchASizeItIsZero() {
    assertThat(past.sizeBeforePromotion(7)).isZero();
  }

  @Test
  void aHistoryThatCannotBeReadIsAWarning() {
    server.database.fail(FakeDatabase.LAST_HOUR, "42501", "permission denied");
    server.database.fail(FakeDatabase.BEFORE_PROMOTION, "42501", "permission denied");

    assertThat(past.lastHour(10_000)).isEqualTo(ChangeLedger.none());
    assertThat(past.sizeBeforePromotion(7)).isZero();
    assertThat(server.warnings())
        .hasSize(2)
        .containsOnly("pg_walrus: could not read the history: permission denied");
  }

  @Test
  void theTimelineIsTheServers() {
    server.database.answer(FakeDatabase.TIMELINE, "12");
    assertThat(past.timeline()).isEqualTo(12);
  }

  /** It only goes into rows: no reason not to start. */
  @Test
  void aTimelineThatTheServerDoesNotTellIsZero() {
    server.database.answer(FakeDatabase.TIMELINE, (String) null);
    assertThat(past.timeline()).isZero();

    server.database.fail(FakeDatabase.TIMELINE, "57014", "canceling statement");
    assertThat(past.timeline()).isZero();
    assertThat(server.warnings())
        .containsExactly("pg_walrus: could not read the timeline: canceling statement");
  }

  /** EXTRACT has a syntax of its own, which a schema in front of it spoils. */
  @Test
  void extractHasNoSchema() {
    ages("60");
    past.lastHour(10_000);

    assertThat(server.database.sent(FakeDatabase.LAST_HOUR).getFirst().sql())
        .doesNotContain("pg_catalog.extract(");
  }
}
