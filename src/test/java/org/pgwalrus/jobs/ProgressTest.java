package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.JobSettings;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.ProgressField;

class ProgressTest {

  private static final Stage DATA = new Stage(Phase.DATA, 90, 100, _ -> false);
  private static final Stage LAST = new Stage(Phase.FINALIZING, 10, 1, _ -> false);

  /** A call of share_progress(): when, and what for. */
  private record Shared(long millis, boolean persisted, boolean announced) {}

  private final FakeJobServer server = new FakeJobServer();
  private final ClaimedJob job = new ClaimedJob(7, "fake", "7", /* undo= */ false);
  private final List<Shared> shared = new ArrayList<>();
  private final long began = server.nanos;

  ProgressTest() {
    server.answer(
        "share_progress",
        statement -> {
          List<String> parameters = statement.parameters();
          assertThat(parameters.getFirst()).isEqualTo("7");
          shared.add(
              new Shared(
                  (server.nanos - began) / FakeJobServer.MILLI,
                  parameters.get(1).equals("true"),
                  parameters.get(2).equals("true")));
          return "";
        });
  }

  private Progress begin(Plan plan) {
    Progress.begin(server, job);
    return new Progress(server, job, new Books(server), plan);
  }

  private Progress begin() {
    return begin(new Plan(3, 1000, 0, List.of(DATA, LAST)));
  }

  private List<Shared> announced() {
    return shared.stream().filter(Shared::announced).toList();
  }

  private List<Shared> persisted() {
    return shared.stream().filter(Shared::persisted).toList();
  }

  @Test
  void aJobIsShownBeforeItHasAPlan() {
    Progress.begin(server, job);

    assertThat(server.shown).hasSize(1);
    assertThat(server.shown.getFirst().status()).isEqualTo("running");
    assertThat(server.shown.getFirst().phase()).isEqualTo("idle");
    assertThat(server.progress().get(ProgressField.WORK_QUEUE_ID)).isEqualTo(7);
    assertThat(server.progress().text(ProgressField.OPERATION_TYPE)).isEqualTo("fake");
    assertThat(shared).isEmpty();
  }

  @Test
  void thePlanAndWhatIsCountedAreShown() {
    Progress progress = begin(new Plan(3, 1000, 5000, List.of(DATA)));
    progress.enter(DATA);
    progress.tables(1);
    progress.tables(1);
    progress.rows(400);
    progress.bytes(2000);
    progress.table("public.t");
    progress.advance(40);

    assertThat(server.progress().get(ProgressField.TABLES_TOTAL)).isEqualTo(3);
    assertThat(server.progress().get(ProgressField.ROWS_TOTAL)).isEqualTo(1000);
    assertThat(server.progress().get(ProgressField.BYTES_TOTAL)).isEqualTo(5000);
    assertThat(server.progress().get(ProgressField.TABLES_COMPLETED)).isEqualTo(2);
    assertThat(server.progress().get(ProgressField.ROWS_PROCESSED)).isEqualTo(400);
    assertThat(server.progress().get(ProgressField.BYTES_PROCESSED)).isEqualTo(2000);
    assertThat(server.progress().text(ProgressField.CURRENT_TABLE)).isEqualTo("public.t");
    assertThat(server.shown.getLast().percent()).isEqualTo(40, within(1e-9));
  }

  @Test
  void everyStepIsInSharedMemoryAtOnce() {
    Progress progress = begin();
    progress.enter(DATA);
    int before = server.shown.size();
    for (int i = 0; i < 100; i++) {
      progress.advance(1);
    }

    assertThat(server.shown).hasSize(before + 100);
  }

  @Test
  void listenersHearOfAStageAtOnceAndOfStepsNowAndThen() {
    Progress progress = begin();
    progress.enter(DATA);
    for (int i = 0; i < 100; i++) {
      server.pass(20);
      progress.advance(1);
    }
    progress.enter(LAST);

    assertThat(announced().stream().map(Shared::millis))
        .containsExactly(0L, 500L, 1000L, 1500L, 2000L, 2000L);
    assertThat(server.progress().get(ProgressField.SEQ)).isEqualTo(6);
  }

  @Test
  void theIntervalBetweenNotificationsIsASetting() {
    server.set(JobSettings.NOTIFY_MIN_INTERVAL, 0);
    Progress progress = begin();
    progress.enter(DATA);
    progress.advance(1);
    progress.advance(1);
    assertThat(announced()).hasSize(3);

    server.set(JobSettings.NOTIFY_MIN_INTERVAL, 60_000);
    server.pass(59_999);
    progress.advance(1);
    assertThat(announced()).hasSize(3);

    server.pass(1);
    progress.advance(1);
    assertThat(announced()).hasSize(4);
  }

  @Test
  void theTableIsWrittenForAStageAtOnceAndForStepsEveryFewSeconds() {
    Progress progress = begin();
    progress.enter(DATA);
    for (int i = 0; i < 120; i++) {
      server.pass(100);
      progress.advance(0);
    }
    progress.enter(LAST);
    assertThat(persisted().stream().map(Shared::millis))
        .containsExactly(0L, 5000L, 10_000L, 12_000L);

    server.set(JobSettings.PROGRESS_PERSIST_INTERVAL, 1);
    server.pass(1000);
    progress.advance(0);
    assertThat(persisted()).hasSize(5);
  }

  @Test
  void aTableThatCannotBeWrittenStopsNothing() {
    Progress progress = begin();
    server.answer(
        "share_progress",
        _ -> {
          throw new PgException("53100", "disk full", "", "");
        });
    progress.enter(DATA);
    progress.advance(50);

    assertThat(server.shown.getLast().percent()).isEqualTo(45);
    assertThat(server.warnings)
        .containsExactly("steep_repl: job 7 could not share its progress: disk full");
  }

  @Test
  void theTimeLeftIsUnknownUntilItCanBeMeasured() {
    Progress progress = begin(new Plan(0, 0, 10_000, List.of(DATA)));
    progress.enter(DATA);
    progress.bytes(100);
    progress.advance(1);
    server.pass(400);
    progress.bytes(100);
    progress.advance(1);
    assertThat(server.shown.getLast().etaSeconds()).isZero();

    server.pass(600);
    progress.bytes(800);
    progress.advance(8);
    assertThat(server.shown.getLast().perSecond()).isEqualTo(1000, within(1e-6));
    assertThat(server.shown.getLast().etaSeconds()).isEqualTo(9);
  }

  @Test
  void withoutBytesTheTimeLeftIsThatOfThePercent() {
    Progress progress = begin();
    progress.enter(DATA);
    server.pass(2000);
    progress.advance(20);

    assertThat(server.shown.getLast().percent()).isEqualTo(18, within(1e-9));
    assertThat(server.shown.getLast().perSecond()).isZero();
    assertThat(server.shown.getLast().etaSeconds()).isEqualTo(10);
  }

  @Test
  void onlyACompleteJobShowsAHundred() {
    Progress progress = begin();
    progress.enter(DATA);
    progress.advance(100);
    progress.enter(LAST);
    progress.advance(1);
    assertThat(server.shown.getLast().percent()).isEqualTo(Percent.NEARLY);

    Progress.end(server, Outcome.COMPLETE);
    assertThat(server.shown.getLast().percent()).isEqualTo(100);
    assertThat(server.shown.getLast().phase()).isEqualTo("complete");
    assertThat(server.shown.getLast().etaSeconds()).isZero();
  }

  @Test
  void aFailedJobShowsHowFarItCame() {
    Progress progress = begin();
    progress.enter(DATA);
    server.pass(1000);
    progress.advance(50);
    Progress.end(server, Outcome.failed("why"));

    assertThat(server.shown.getLast())
        .isEqualTo(new FakeJobServer.Shown(server.nanos, "failed", "failed", 45, 0, 0));
  }
}
